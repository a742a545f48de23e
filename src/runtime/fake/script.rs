//! What a test has told the fake to do wrong, by call.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use crate::runtime::RuntimeError;

/// A method of [`crate::runtime::DesktopRuntime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the method of that name")]
pub enum Call {
    Ping,
    IsNear,
    Network,
    DiskUse,
    Create,
    Start,
    Inspect,
    Stop,
    Remove,
    List,
    Logs,
    Image,
    Pull,
    ReadFolder,
    RunDetached,
    Events,
}

/// What the next call of a kind does instead of simply working.
#[derive(Debug)]
pub(super) enum Twist {
    /// Refuses with this, without effect.
    Fail(RuntimeError),
    /// Says that the engine is away, and takes effect all the same a moment later.
    Late,
}

/// How a call is to be answered.
#[derive(Debug)]
pub(super) struct Cue {
    pub(super) delay: Duration,
    pub(super) hang: bool,
    pub(super) twist: Option<Twist>,
}

/// Everything a test has set, and how often each call was made.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) away: bool,
    next: HashMap<Call, VecDeque<Twist>>,
    delays: HashMap<Call, Duration>,
    hanging: HashSet<Call>,
    counts: HashMap<Call, usize>,
}

impl Script {
    pub(super) fn next(&mut self, call: Call, twist: Twist) {
        self.next.entry(call).or_default().push_back(twist);
    }

    pub(super) fn delay(&mut self, call: Call, by: Duration) {
        self.delays.insert(call, by);
    }

    pub(super) fn hang(&mut self, call: Call) {
        self.hanging.insert(call);
    }

    pub(super) fn release(&mut self, call: Call) {
        self.hanging.remove(&call);
    }

    pub(super) fn count(&self, call: Call) -> usize {
        self.counts.get(&call).copied().unwrap_or_default()
    }

    /// Counts a call and says how to answer it; a one-time twist is used up by asking.
    pub(super) fn cue(&mut self, call: Call) -> Cue {
        *self.counts.entry(call).or_default() += 1;
        Cue {
            delay: self.delays.get(&call).copied().unwrap_or_default(),
            hang: self.hanging.contains(&call),
            twist: self.next.get_mut(&call).and_then(VecDeque::pop_front),
        }
    }
}
