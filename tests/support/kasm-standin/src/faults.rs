//! What can be made to go wrong, and which connection it hits.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use crate::state::lock;

/// Something a real container, or a hostile one, may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Accepts TCP, then says nothing, not even TLS.
    HangBeforeTls,
    /// Reads the request and never answers.
    Hang,
    /// Closes as soon as TCP is connected.
    CloseAtOnce,
    /// Reads the request and closes without an answer.
    CloseAfterRequest,
    /// Resets TCP after TLS, instead of reading the request.
    Reset,
    /// Answers an upgrade with this status and a short text instead of 101.
    NotSwitching(u16),
    /// Answers an upgrade with 101 and a `Sec-WebSocket-Accept` of another key.
    WrongAccept,
    /// Answers an upgrade with 101 without `Sec-WebSocket-Accept`.
    NoAccept,
    /// Answers an upgrade properly and then neither reads nor writes.
    StallAfterUpgrade,
    /// Writes the answer one byte at a time with this pause in between (the 101 too).
    Drip(Duration),
    /// Answers everything with 301 to this `Location`.
    Redirect(String),
    /// Sends the head of a file's answer and only so many bytes of its body.
    CutBody(usize),
    /// Writes these bytes as the whole answer, whatever they are.
    Raw(Vec<u8>),
}

/// Where on a connection a fault takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// TCP is connected.
    Connected,
    /// TLS is done, the request is on its way.
    Secured,
    /// The request was read.
    Request { upgrade: bool },
}

impl Fault {
    fn applies(&self, stage: Stage) -> bool {
        match self {
            Self::HangBeforeTls | Self::CloseAtOnce => stage == Stage::Connected,
            Self::Reset => stage == Stage::Secured,
            Self::NotSwitching(_)
            | Self::WrongAccept
            | Self::NoAccept
            | Self::StallAfterUpgrade => stage == Stage::Request { upgrade: true },
            Self::CutBody(_) => stage == Stage::Request { upgrade: false },
            Self::Hang
            | Self::CloseAfterRequest
            | Self::Drip(_)
            | Self::Redirect(_)
            | Self::Raw(_) => {
                matches!(stage, Stage::Request { .. })
            }
        }
    }
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    always: Mutex<Option<Fault>>,
    once: Mutex<VecDeque<Fault>>,
}

impl Faults {
    pub(crate) fn always(&self, fault: Option<Fault>) {
        *lock(&self.always) = fault;
    }

    pub(crate) fn once(&self, fault: Fault) {
        lock(&self.once).push_back(fault);
    }

    /// The fault for this stage, if there is one; a one-time fault is used up by asking.
    pub(crate) fn take(&self, stage: Stage) -> Option<Fault> {
        let mut once = lock(&self.once);
        if let Some(at) = once.iter().position(|fault| fault.applies(stage)) {
            return once.remove(at);
        }
        lock(&self.always)
            .clone()
            .filter(|fault| fault.applies(stage))
    }
}
