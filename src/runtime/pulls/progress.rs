//! How far a pull is, from what the engine says of its layers (pure).

use crate::runtime::PullProgress;

/// Of the work on a layer, the share of the download; the rest is unpacking.
const DOWNLOAD_SHARE: f64 = 0.7;

/// A pull in one line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PullOverview {
    /// How much is done, as far as the sizes are known.
    pub percent: u8,
    /// What the engine said last.
    pub status: String,
}

/// The newest word on each layer, in the order they were first named.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    all: Vec<Layer>,
    last: String,
    /// Never goes back, although the work left grows when new sizes become known.
    percent: u8,
}

#[derive(Clone, Debug)]
struct Layer {
    said: PullProgress,
    /// In bytes, once known; later words leave it out.
    size: Option<u64>,
    /// From 0 to 1; `None` for what is no work (the tag, the digest, a layer that is there).
    done: Option<f64>,
}

impl Layers {
    /// Takes in what the engine says.
    pub(super) fn note(&mut self, said: PullProgress) {
        self.last.clone_from(&said.status);
        let known = self
            .all
            .iter_mut()
            .find(|layer| layer.said.layer == said.layer);
        match known {
            Some(layer) => {
                layer.size = said.total.or(layer.size);
                layer.done = fraction(&said);
                layer.said = said;
            }
            None => self.all.push(Layer {
                size: said.total,
                done: fraction(&said),
                said,
            }),
        }
        self.percent = self.percent.max(percent(&self.all));
    }

    pub(super) fn overview(&self) -> PullOverview {
        PullOverview {
            percent: self.percent,
            status: self.last.clone(),
        }
    }

    /// What has changed since `before`.
    pub(super) fn since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a PullProgress> {
        self.all.iter().enumerate().filter_map(|(at, layer)| {
            let told = before.all.get(at).is_some_and(|old| old.said == layer.said);
            (!told).then_some(&layer.said)
        })
    }
}

/// How much of its layer is done, by the engine's word for what it does.
fn fraction(said: &PullProgress) -> Option<f64> {
    let part = match (said.current, said.total) {
        #[expect(clippy::cast_precision_loss, reason = "a share, shown in percent")]
        (Some(current), Some(total)) if total > 0 => (current as f64 / total as f64).min(1.0),
        _ => 0.0,
    };
    match said.status.as_str() {
        "Pulling fs layer" | "Waiting" => Some(0.0),
        "Downloading" => Some(part * DOWNLOAD_SHARE),
        "Verifying Checksum" | "Download complete" => Some(DOWNLOAD_SHARE),
        "Extracting" => Some(DOWNLOAD_SHARE + part * (1.0 - DOWNLOAD_SHARE)),
        "Pull complete" => Some(1.0),
        // What was there before ("Already exists") is no work, and comes before the others are named.
        _ => None,
    }
}

/// Weighed by size; a layer whose size is not known yet counts like the average of those known.
fn percent(layers: &[Layer]) -> u8 {
    let real: Vec<_> = layers
        .iter()
        .filter_map(|layer| Some((layer.size, layer.done?)))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "shown in percent")]
    let known: Vec<f64> = real
        .iter()
        .filter_map(|(size, _)| size.map(|size| size as f64))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a handful of layers")]
    let average = if known.is_empty() {
        1.0
    } else {
        known.iter().sum::<f64>() / known.len() as f64
    };
    #[expect(clippy::cast_precision_loss, reason = "shown in percent")]
    let weight = |size: Option<u64>| size.map_or(average, |size| size as f64);
    let all: f64 = real.iter().map(|(size, _)| weight(*size)).sum();
    if all <= 0.0 {
        return 0;
    }
    let done: f64 = real.iter().map(|(size, done)| weight(*size) * done).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "both sums are positive and done is at most all"
    )]
    let percent = (done / all * 100.0).floor() as u8;
    percent.min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(layer: &str, status: &str, bytes: Option<(u64, u64)>) -> PullProgress {
        PullProgress {
            layer: Some(layer.into()),
            status: status.into(),
            current: bytes.map(|(current, _)| current),
            total: bytes.map(|(_, total)| total),
        }
    }

    #[test]
    fn a_pull_gets_on() {
        let steps = [
            (said("1.15.0", "Pulling from kasmweb/vs-code", None), 0),
            (said("0", "Already exists", None), 0),
            (said("a", "Pulling fs layer", None), 0),
            (said("b", "Pulling fs layer", None), 0),
            (said("a", "Downloading", Some((50, 100))), 17),
            // Now it is known that b is small: a weighs more than it did.
            (said("b", "Downloading", Some((10, 10))), 38),
            (said("b", "Pull complete", None), 40),
            (said("a", "Download complete", None), 72),
            (said("a", "Extracting", Some((50, 100))), 86),
            (said("a", "Pull complete", None), 100),
            (said("", "Digest: sha256:00", None), 100),
        ];
        let mut layers = Layers::default();
        for (step, percent) in steps {
            let words = format!("{step:?}");
            layers.note(step);
            assert_eq!(layers.overview().percent, percent, "{words}");
        }
        assert_eq!(layers.overview().status, "Digest: sha256:00");
    }

    #[test]
    fn progress_never_goes_back() {
        let mut layers = Layers::default();
        layers.note(said("a", "Downloading", Some((1, 1))));
        assert_eq!(layers.overview().percent, 70);
        layers.note(said("b", "Pulling fs layer", None));
        assert_eq!(layers.overview().percent, 70);
    }

    #[test]
    fn only_what_changed_is_told() {
        let mut layers = Layers::default();
        layers.note(said("a", "Waiting", None));
        layers.note(said("b", "Waiting", None));
        let before = layers.clone();
        layers.note(said("b", "Downloading", Some((1, 2))));
        layers.note(said("c", "Waiting", None));
        let told: Vec<_> = layers
            .since(&before)
            .filter_map(|said| said.layer.as_deref())
            .collect();
        assert_eq!(told, ["b", "c"]);
    }
}
