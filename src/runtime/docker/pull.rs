//! Fetching an image.

use std::time::Duration;

use bollard::{models::CreateImageInfo, query_parameters::CreateImageOptionsBuilder};
use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use tokio::time::timeout;

use super::{DockerEngine, link::CallError, refusals::pull_failure};
use crate::{
    runtime::{PullProgress, RuntimeError},
    say,
};

impl DockerEngine {
    pub(super) async fn fetch(
        &self,
        reference: &str,
    ) -> BoxStream<'static, Result<PullProgress, RuntimeError>> {
        let docker = match self.link.client().await {
            Ok(docker) => docker,
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        let (name, tag) = with_tag(reference);
        let options = CreateImageOptionsBuilder::new()
            .from_image(name)
            .tag(tag)
            .build();
        let link = std::sync::Arc::clone(&self.link);
        let reference = reference.to_owned();
        let messages = docker
            .create_image(Some(options), None, None)
            .map(move |message| match message {
                Ok(message) => Ok(progress(message)),
                Err(error) => Err(match link.explain("pull", error) {
                    CallError::Away(error) => error,
                    CallError::Refused { message, .. } => {
                        RuntimeError::PullFailed(pull_failure(&reference, &message))
                    }
                }),
            });
        until_silence(messages.boxed(), self.limits.pull_silence).boxed()
    }
}

/// Ends the stream with an error when nothing comes for `limit`, and after the first error.
fn until_silence(
    messages: BoxStream<'static, Result<PullProgress, RuntimeError>>,
    limit: Duration,
) -> impl Stream<Item = Result<PullProgress, RuntimeError>> {
    stream::unfold(Some(messages), move |messages| async move {
        let mut messages = messages?;
        match timeout(limit, messages.next()).await {
            Ok(Some(Ok(message))) => Some((Ok(message), Some(messages))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_) => Some((
                Err(RuntimeError::PullFailed(say!(
                    "pull-silent",
                    seconds = limit.as_secs()
                ))),
                None,
            )),
        }
    })
}

fn progress(message: CreateImageInfo) -> PullProgress {
    let detail = message.progress_detail.unwrap_or_default();
    let bytes = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
    PullProgress {
        layer: message.id.filter(|layer| !layer.is_empty()),
        status: message.status.unwrap_or_default(),
        current: bytes(detail.current),
        total: bytes(detail.total).filter(|total| *total > 0),
    }
}

/// Name and tag or digest, as the engine wants them: without a tag it would fetch every one there is.
fn with_tag(reference: &str) -> (&str, &str) {
    if let Some(parts) = reference.split_once('@') {
        return parts;
    }
    match reference.rsplit_once(':') {
        // A colon before a slash belongs to the registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_split() {
        let table = [
            ("a", ("a", "latest")),
            ("a/b:1.15.0", ("a/b", "1.15.0")),
            ("r.example:5000/a/b", ("r.example:5000/a/b", "latest")),
            ("r.example:5000/a/b:2", ("r.example:5000/a/b", "2")),
            ("a/b@sha256:00", ("a/b", "sha256:00")),
        ];
        for (reference, parts) in table {
            assert_eq!(with_tag(reference), parts, "{reference}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_registry_that_falls_silent_ends_the_pull() {
        let first = PullProgress {
            layer: None,
            status: "Pulling".into(),
            current: None,
            total: None,
        };
        let messages = stream::iter([Ok(first)]).chain(stream::pending()).boxed();
        let seen: Vec<_> = until_silence(messages, Duration::from_mins(2))
            .collect()
            .await;
        assert_eq!(seen.len(), 2);
        let last = seen[1].as_ref().unwrap_err().to_string();
        assert!(last.contains("nothing for 120 seconds"), "{last}");
    }
}
