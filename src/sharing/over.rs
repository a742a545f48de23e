//! What the visitor of a link that holds no more reads: that it has ended, how, and by whom.

use super::{Sharing, key, store};
use crate::{
    desktops::EndCode,
    ids::{DesktopId, UserId},
    language::Sentence,
    say,
};

/// A link that was made once and holds no more, as the database has it.
#[derive(Clone, Debug)]
pub(super) struct OverLink {
    /// Who made it.
    pub owner_name: String,
    /// Who ended it, if somebody did.
    pub ended_by: Option<String>,
    /// Whether its time is over.
    pub ran_out: bool,
    /// Whether its owner's account is switched off.
    pub owner_off: bool,
    /// Why the desktop it was made for is over, while it was not started again.
    pub end_code: Option<String>,
}

/// Why it holds no more; what somebody did comes before what happened by itself (pure).
fn words(over: &OverLink) -> Sentence {
    let owner = &over.owner_name;
    let code = over.end_code.clone().map(EndCode::from);
    if let Some(by) = &over.ended_by {
        say!("share-ended-by", name = by)
    } else if over.owner_off {
        say!("share-ended-account", owner = owner)
    } else if code == Some(EndCode::StoppedByAdmin) {
        say!("share-ended-desktop-admin", owner = owner)
    } else if code == Some(EndCode::StoppedByUser) {
        say!("share-ended-desktop-by", owner = owner)
    } else if over.ran_out {
        say!("share-ended-time", owner = owner)
    } else {
        say!("share-ended-desktop", owner = owner)
    }
}

impl Sharing {
    /// For whoever has this key: why it leads nowhere any more. `None` for a key that was never given out, or long ago.
    pub async fn over_by_key(&self, key: &str) -> Result<Option<Sentence>, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        let found = store::over_by_key(&mut db, &key::hash(key)).await?;
        Ok(found.as_ref().map(words))
    }

    /// For whoever was let in to `desktop`: why they are no more. `None` for whoever never was, or long ago.
    pub async fn over_for(
        &self,
        desktop: DesktopId,
        visitor: UserId,
    ) -> Result<Option<Sentence>, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        let found = store::over_for(&mut db, desktop, visitor).await?;
        Ok(found.as_ref().map(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_reads_by_whom_it_was_ended() {
        let over = |ended_by: Option<&str>, ran_out, owner_off, end_code: Option<&str>| {
            words(&OverLink {
                owner_name: "Jana".into(),
                ended_by: ended_by.map(Into::into),
                ran_out,
                owner_off,
                end_code: end_code.map(Into::into),
            })
        };
        let table = [
            (
                over(Some("Jana"), true, true, Some("idle_limit")),
                say!("share-ended-by", name = "Jana"),
            ),
            (
                over(None, true, true, None),
                say!("share-ended-account", owner = "Jana"),
            ),
            (
                over(None, true, false, Some("stopped_by_admin")),
                say!("share-ended-desktop-admin", owner = "Jana"),
            ),
            (
                over(None, false, false, Some("stopped_by_user")),
                say!("share-ended-desktop-by", owner = "Jana"),
            ),
            (
                over(None, true, false, None),
                say!("share-ended-time", owner = "Jana"),
            ),
            (
                over(None, false, false, Some("idle_limit")),
                say!("share-ended-desktop", owner = "Jana"),
            ),
            (
                over(None, false, false, None),
                say!("share-ended-desktop", owner = "Jana"),
            ),
        ];
        for (read, expected) in table {
            assert_eq!(read, expected);
        }
    }
}
