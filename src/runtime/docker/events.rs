//! What happens to containers, as the engine tells it.

use std::collections::HashMap;

use bollard::{models::EventMessage, query_parameters::EventsOptionsBuilder};
use futures_util::{StreamExt, stream::BoxStream};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{DockerEngine, refusals::About};
use crate::{
    ids::InstallationId,
    runtime::{ContainerEvent, Labels, RuntimeError},
};

const ACTIONS: [&str; 6] = ["die", "destroy", "oom", "pause", "unpause", "start"];

impl DockerEngine {
    pub(super) async fn happenings(
        &self,
    ) -> Result<BoxStream<'static, ContainerEvent>, RuntimeError> {
        // bollard connects when the stream is first read. Asking for what happened since now, by the engine's own
        // clock, loses nothing in between.
        let engine = self
            .link
            .call("info", self.limits.read, |docker| async move {
                docker.info().await
            })
            .await
            .map_err(|error| error.about(About::Other))?;
        let since = engine
            .system_time
            .as_deref()
            .and_then(seconds)
            .ok_or_else(|| RuntimeError::Refused("the engine does not tell its time".into()))?;
        let filters = HashMap::from([
            ("type", vec!["container".to_owned()]),
            ("label", vec![Labels::filter(self.installation)]),
            ("event", ACTIONS.map(str::to_owned).to_vec()),
        ]);
        let options = EventsOptionsBuilder::new()
            .since(&since)
            .filters(&filters)
            .build();
        let installation = self.installation;
        let events = self.link.client().await?.events(Some(options));
        Ok(events
            .take_while(|event| {
                if let Err(error) = event {
                    tracing::debug!(%error, "the engine's events end");
                }
                std::future::ready(event.is_ok())
            })
            .filter_map(move |event| {
                std::future::ready(event.ok().and_then(|event| ours(event, installation)))
            })
            .boxed())
    }
}

/// As the engine takes moments: seconds since 1970 with nine decimals.
fn seconds(text: &str) -> Option<String> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(format!(
        "{}.{:09}",
        moment.unix_timestamp(),
        moment.nanosecond()
    ))
}

fn ours(event: EventMessage, installation: InstallationId) -> Option<ContainerEvent> {
    let labels = Labels::from_map(&event.actor?.attributes?)?;
    (labels.installation == installation).then_some(ContainerEvent {
        labels,
        action: event.action?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_engines_time_is_passed_back_to_it() {
        assert_eq!(
            seconds("2026-11-22T12:00:00.5+01:00").as_deref(),
            Some("1795345200.500000000")
        );
        assert_eq!(seconds("now"), None);
    }

    #[test]
    fn only_events_of_our_desktops_count() {
        let us: InstallationId = "00000000-0000-4000-8000-000000000001".parse().unwrap();
        let event = |installation: &str, desktop: &str| -> EventMessage {
            serde_json::from_value(json!({
                "Type": "container", "Action": "die",
                "Actor": {"ID": "ab", "Attributes": {
                    "deskcast.installation": installation, "deskcast.desktop": desktop,
                    "deskcast.generation": "2", "deskcast.owner": "00000000-0000-4000-8000-000000000004",
                    "exitCode": "137",
                }},
            }))
            .unwrap()
        };
        let desktop = "00000000-0000-4000-8000-000000000002";
        let seen = ours(event(&us.to_string(), desktop), us).unwrap();
        assert_eq!((seen.action.as_str(), seen.labels.generation), ("die", 2));
        assert_eq!(ours(event(desktop, desktop), us), None);
        assert_eq!(ours(event(&us.to_string(), ""), us), None);
    }
}
