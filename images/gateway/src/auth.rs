//! Who is at the door: HTTP Basic, the same two users as in a Kasm image.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

/// What a visitor may do on the desktop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// See and use it: `kasm_user`.
    Control,
    /// See it: `kasm_viewer`.
    ViewOnly,
}

/// The password is unusable.
#[derive(Debug, Error)]
pub enum PasswordProblem {
    /// Not given at all.
    #[error("VNC_PW is not set: give the desktop a password of at least {MIN_LENGTH} characters")]
    Missing,
    /// Too easy to guess.
    #[error("VNC_PW is too short: it needs at least {MIN_LENGTH} characters")]
    Short,
}

const MIN_LENGTH: usize = 6;

/// The credentials that open the door.
#[derive(Clone)]
pub struct Credentials {
    control: String,
    view_only: String,
}

impl Credentials {
    /// Both users share the password, as the contract has it.
    pub fn new(password: Option<&str>) -> Result<Self, PasswordProblem> {
        let password = password
            .filter(|password| !password.is_empty())
            .ok_or(PasswordProblem::Missing)?;
        if password.chars().count() < MIN_LENGTH {
            return Err(PasswordProblem::Short);
        }
        Ok(Self {
            control: format!("kasm_user:{password}"),
            view_only: format!("kasm_viewer:{password}"),
        })
    }

    /// Reads the value of an `Authorization` header; `None` when it does not open the door.
    #[must_use]
    pub fn check(&self, authorization: &[u8]) -> Option<Access> {
        let (scheme, encoded) = authorization.split_at_checked(6)?;
        if !scheme.eq_ignore_ascii_case(b"basic ") {
            return None;
        }
        let given = STANDARD.decode(encoded.trim_ascii()).ok()?;
        // Both comparisons are always made: the time tells neither the user nor the password.
        let control: Choice = given.ct_eq(self.control.as_bytes());
        let view_only: Choice = given.ct_eq(self.view_only.as_bytes());
        match (bool::from(control), bool::from(view_only)) {
            (true, _) => Some(Access::Control),
            (_, true) => Some(Access::ViewOnly),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(pair: &str) -> Vec<u8> {
        format!("Basic {}", STANDARD.encode(pair)).into_bytes()
    }

    #[test]
    fn the_two_users_and_nobody_else() {
        let credentials = Credentials::new(Some("geheim:1")).unwrap();
        let table = [
            (basic("kasm_user:geheim:1"), Some(Access::Control)),
            (basic("kasm_viewer:geheim:1"), Some(Access::ViewOnly)),
            (basic("kasm_user:geheim:2"), None),
            (basic("kasm_user:geheim"), None),
            (basic("kasm_user:"), None),
            (basic("root:geheim:1"), None),
            (basic(""), None),
            (b"Basic ***".to_vec(), None),
            (b"Bearer geheim:1".to_vec(), None),
            (b"Bas".to_vec(), None),
            (b"".to_vec(), None),
        ];
        for (header, expected) in table {
            assert_eq!(
                credentials.check(&header),
                expected,
                "{}",
                String::from_utf8_lossy(&header)
            );
        }
    }

    #[test]
    fn a_password_must_be_long_enough() {
        assert!(matches!(
            Credentials::new(None),
            Err(PasswordProblem::Missing)
        ));
        assert!(matches!(
            Credentials::new(Some("")),
            Err(PasswordProblem::Missing)
        ));
        assert!(matches!(
            Credentials::new(Some("12345")),
            Err(PasswordProblem::Short)
        ));
        assert!(Credentials::new(Some("123456")).is_ok());
    }
}
