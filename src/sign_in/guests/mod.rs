//! Guests: whoever is let in by a link, without an account of their own (contract identity 2).
//!
//! A guest is a row in `users` with the role [`Role::Guest`](crate::people::Role), so that everything a desktop needs of its
//! owner is there. Nobody can sign in as one: the session made here is the only one it ever has. What a guest may use
//! is said by [`UserOrGuest`](crate::sessions::guard::UserOrGuest) in the signature of a handler; every other handler refuses
//! them. `desktops::guests` removes them when nothing of theirs is left.

mod store;

use rand::{Rng, distr::Alphanumeric};

use crate::{db::Db, ids::GroupId, people::User};

/// Characters after `guest-`: a number would tell how many there were.
const NAME_LENGTH: usize = 10;

/// Makes a guest, a member of *All Users* and of `group`; others see `called`, or the name that is drawn by lot.
pub(super) async fn make(
    db: &Db,
    group: Option<GroupId>,
    called: Option<&str>,
) -> Result<User, sqlx::Error> {
    let name = name();
    // A name that is taken already, once in a few million millions, is an error.
    let guest = store::insert(
        &mut db.acquire().await?,
        &name,
        called.unwrap_or(&name),
        group,
    )
    .await?;
    tracing::info!(user.id = %guest.id, "a guest was let in");
    Ok(guest)
}

fn name() -> String {
    let letters = rand::rng().sample_iter(Alphanumeric).take(NAME_LENGTH);
    let letters: String = letters.map(char::from).collect();
    format!("guest-{}", letters.to_lowercase())
}
