//! ALTCHA: a puzzle that a visitor's browser solves and that needs no third party (pure).
//!
//! The puzzle is a PBKDF2 key that belongs to a number nobody tells: the browser tries numbers until the key begins as it
//! should. It is signed with the page it is for, so that nobody makes an easier one or solves it for others, and what
//! solves it is signed too, so that checking a solution is one hash. Crate and widget are the ones of the protocol's makers (version 2 of the protocol).

use std::collections::BTreeMap;

use altcha::{
    CreateChallengeOptions, Payload, VerifySolutionOptions, create_challenge, verify_solution,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use rand::Rng;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use super::CaptchaFault;
use crate::{ids::LaunchId, settings::Difficulty};

/// How long a puzzle can be solved.
pub(super) const GOOD_FOR: Duration = Duration::minutes(10);
/// Rounds of each try. The server does one for each page with a puzzle.
const ROUNDS: u32 = 5_000;
/// Tries at most, and half as many at least: half a second on a desk, less than two on a phone.
const TRIES: u32 = 400;
/// Where a puzzle says which page it is for.
const PAGE: &str = "page";
/// Longest solution that is looked at; the widget's have some 700 bytes.
const LONGEST: usize = 4_096;

/// What puzzles and what solves them is signed with.
#[derive(Clone, Debug)]
pub(super) struct Secrets {
    pub(super) puzzle: String,
    pub(super) solution: String,
}

/// A new puzzle, as the widget takes it: JSON.
pub(super) fn puzzle(
    secrets: &Secrets,
    difficulty: Difficulty,
    page: LaunchId,
    now: OffsetDateTime,
) -> Result<String, CaptchaFault> {
    let most = tries(difficulty);
    let until = (now + GOOD_FOR).unix_timestamp();
    let options = CreateChallengeOptions {
        algorithm: "PBKDF2/SHA-256".to_owned(),
        cost: ROUNDS,
        data: Some(BTreeMap::from([(PAGE.to_owned(), page.to_string().into())])),
        counter: Some(rand::rng().random_range(most / 2..=most)),
        expires_at: Some(until),
        hmac_signature_secret: Some(secrets.puzzle.clone()),
        hmac_key_signature_secret: Some(secrets.solution.clone()),
        ..CreateChallengeOptions::default()
    };
    let broken = |error: &dyn std::fmt::Display| CaptchaFault::Broken(error.to_string());
    let challenge = create_challenge(options).map_err(|error| broken(&error))?;
    serde_json::to_string(&challenge).map_err(|error| broken(&error))
}

const fn tries(difficulty: Difficulty) -> u32 {
    match difficulty {
        Difficulty::Low => TRIES / 4,
        Difficulty::Normal => TRIES,
        Difficulty::High => TRIES * 4,
    }
}

/// What makes `solution` one of a kind, if it solves the puzzle of `page` in time.
pub(super) fn solved(
    secrets: &Secrets,
    solution: &str,
    page: LaunchId,
) -> Result<Vec<u8>, CaptchaFault> {
    let wrong = |why: &str| CaptchaFault::Wrong(format!("ALTCHA: {why}"));
    if solution.len() > LONGEST {
        return Err(wrong("too long"));
    }
    let payload: Payload = BASE64_STANDARD
        .decode(solution)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or_else(|| wrong("not a solution"))?;
    let (challenge, solution) = (&payload.challenge, &payload.solution);
    let signed = &challenge.parameters;
    // All of ours have both. Without them the crate would believe more of the solution than we want.
    if signed.key_signature.is_none() || signed.expires_at.is_none() {
        return Err(wrong("not a puzzle of ours"));
    }
    let options = VerifySolutionOptions {
        hmac_key_signature_secret: Some(secrets.solution.clone()),
        ..VerifySolutionOptions::new(challenge, solution, secrets.puzzle.clone())
    };
    let checked = verify_solution(options).map_err(|error| wrong(&error.to_string()))?;
    if !checked.verified {
        return Err(wrong(if checked.expired {
            "too late"
        } else {
            "not solved"
        }));
    }
    let of = signed
        .data
        .as_ref()
        .and_then(|data| data.get(PAGE)?.as_str());
    if of != Some(&*page.to_string()) {
        return Err(CaptchaFault::UsedBefore);
    }
    // Both are random, and signed.
    let once = format!("altcha {} {}", signed.nonce, signed.salt);
    Ok(Sha256::digest(once).to_vec())
}

#[cfg(test)]
mod tests {
    use altcha::{Challenge, SolveChallengeOptions, solve_challenge};

    use super::*;

    fn secrets() -> Secrets {
        Secrets {
            puzzle: "one".into(),
            solution: "two".into(),
        }
    }

    const PAGE_ID: LaunchId = LaunchId(uuid::Uuid::max());

    fn now() -> OffsetDateTime {
        crate::clock::Clock::system().now()
    }

    fn payload(puzzle: &str) -> Payload {
        let challenge: Challenge = serde_json::from_str(puzzle).unwrap();
        let solution = solve_challenge(SolveChallengeOptions::new(&challenge));
        let solution = solution.unwrap().unwrap();
        Payload {
            challenge,
            solution,
        }
    }

    fn sent(payload: &Payload) -> String {
        BASE64_STANDARD.encode(serde_json::to_vec(payload).unwrap())
    }

    #[test]
    fn a_puzzle_is_solved_within_its_tries_and_known_again() {
        let puzzle = puzzle(&secrets(), Difficulty::Low, PAGE_ID, now()).unwrap();
        let payload = payload(&puzzle);
        assert!((50..=100).contains(&payload.solution.counter));
        let once = solved(&secrets(), &sent(&payload), PAGE_ID).unwrap();
        assert_eq!(once.len(), 32);
        let mut otherwise = payload.clone();
        otherwise.solution.time = Some(1.0);
        assert_eq!(
            solved(&secrets(), &sent(&otherwise), PAGE_ID).unwrap(),
            once,
            "the same solution in other bytes"
        );
        let other = super::puzzle(&secrets(), Difficulty::Low, PAGE_ID, now()).unwrap();
        assert_ne!(
            solved(&secrets(), &sent(&self::payload(&other)), PAGE_ID).unwrap(),
            once
        );
    }

    #[test]
    fn what_was_not_solved_or_not_made_here_is_refused() {
        type Change = fn(&mut Payload);
        let attempts: [(&str, Change); 10] = [
            ("no work", |it| it.solution.derived_key = "00".repeat(32)),
            ("another key", |it| it.solution.derived_key.insert(0, '0')),
            ("no key", |it| it.solution.derived_key.clear()),
            ("an easier puzzle", |it| it.challenge.parameters.cost = 1),
            ("a shorter beginning", |it| {
                it.challenge.parameters.key_prefix.clear();
            }),
            ("more time", |it| {
                it.challenge.parameters.expires_at = Some(i64::MAX);
            }),
            ("no end", |it| it.challenge.parameters.expires_at = None),
            ("no signed key", |it| {
                it.challenge.parameters.key_signature = None;
            }),
            ("no signature", |it| it.challenge.signature = None),
            ("another salt", |it| {
                it.challenge.parameters.salt = "00".repeat(16);
            }),
        ];
        let puzzle = puzzle(&secrets(), Difficulty::Low, PAGE_ID, now()).unwrap();
        let right = payload(&puzzle);
        solved(&secrets(), &sent(&right), PAGE_ID).unwrap();
        for (what, change) in attempts {
            let mut changed = right.clone();
            change(&mut changed);
            assert!(
                solved(&secrets(), &sent(&changed), PAGE_ID).is_err(),
                "{what}"
            );
        }
        let another_page = solved(&secrets(), &sent(&right), LaunchId::new());
        assert!(matches!(another_page, Err(CaptchaFault::UsedBefore)));
        let others = Secrets {
            puzzle: "three".into(),
            ..secrets()
        };
        assert!(
            solved(&others, &sent(&right), PAGE_ID).is_err(),
            "another server's"
        );
        let sent = sent(&right);
        for text in ["", "x", "e30=", &sent[1..], &"A".repeat(LONGEST + 4)] {
            assert!(solved(&secrets(), text, PAGE_ID).is_err(), "{text}");
        }
    }

    #[test]
    fn a_puzzle_is_over_after_its_time() {
        let old = now() - GOOD_FOR - Duration::seconds(2);
        let puzzle = puzzle(&secrets(), Difficulty::Low, PAGE_ID, old).unwrap();
        let fault = solved(&secrets(), &sent(&payload(&puzzle)), PAGE_ID).unwrap_err();
        assert!(fault.to_string().contains("too late"), "{fault}");
    }
}
