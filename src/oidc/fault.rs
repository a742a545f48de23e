//! What a provider does wrong.

use crate::calls::CallFault;

/// Why a provider's answer cannot be used. `Display` is the cause, for the log and for an administrator who tries a
/// provider.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// It does not answer, or not now.
    #[error("no answer: {0}")]
    Away(String),
    /// It answers something that cannot be used.
    #[error("an answer that cannot be used: {0}")]
    Unusable(String),
    /// It answers something that somebody else may have made.
    #[error("an answer that cannot be trusted: {0}")]
    Untrusted(String),
    /// It is set up here in a way that cannot work.
    #[error("not set up rightly: {0}")]
    Refused(String),
}

impl From<CallFault> for Fault {
    fn from(fault: CallFault) -> Self {
        match fault {
            CallFault::Away(why) => Self::Away(why),
            CallFault::Unusable(why) => Self::Unusable(why),
        }
    }
}
