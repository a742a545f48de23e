//! The two files say the same things, and exactly those that are said.

use std::collections::BTreeSet;

use super::{arguments_of, literals, messages, sources, texts, without};

#[test]
fn both_languages_have_the_same_messages_with_the_same_values() {
    let (english, german) = (messages("en"), messages("de"));
    let keys = |one: &std::collections::BTreeMap<String, _>| {
        one.keys().cloned().collect::<BTreeSet<String>>()
    };
    let (in_english, in_german) = (keys(&english), keys(&german));
    let only: Vec<_> = in_english.symmetric_difference(&in_german).collect();
    assert!(only.is_empty(), "in one file only: {only:?}");
    for (key, message) in &english {
        assert_eq!(message.arguments, german[key].arguments, "{key}");
    }
}

#[test]
fn no_german_message_was_left_in_english() {
    let (english, german) = (messages("en"), messages("de"));
    let same: Vec<_> = english
        .iter()
        .filter(|(key, message)| {
            let text = message.texts.concat();
            // Names and many a single word are the same in both.
            text == german[*key].texts.concat()
                && text.trim().contains(' ')
                && super::has_words(&text)
        })
        .map(|(key, _)| key)
        // "{ $minutes } min { $seconds } s"
        .filter(|key| *key != "took-minutes")
        .collect();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn german_addresses_people_formally_and_writes_its_own_quotes() {
    for (key, message) in messages("de") {
        let text = format!(" {} ", message.texts.join(" "));
        for informal in [
            " du ", " dein", " dich ", " dir ", "\"", " '", "*in", ":in ", "_in",
        ] {
            let found = text.to_lowercase().contains(informal);
            assert!(!found, "{key} has {informal:?}: {text}");
        }
    }
}

#[test]
fn every_message_is_said_and_whatever_is_said_is_there() {
    let there: BTreeSet<String> = messages("en").into_keys().collect();
    let said: BTreeSet<String> = said().into_iter().map(|(_, key)| key).collect();
    assert!(said.len() > 100, "the reader of the sources found {said:?}");
    let missing: Vec<_> = said.difference(&there).collect();
    assert!(missing.is_empty(), "said, but in no file: {missing:?}");
    let unused: Vec<_> = there.difference(&said).collect();
    assert!(
        unused.is_empty(),
        "in the files, but never said: {unused:?}"
    );
}

#[test]
fn whoever_says_a_message_gives_it_its_values() {
    let messages = messages("en");
    let mut checked = 0;
    for (place, code) in sources() {
        for call in arguments_of(&code, "say!(") {
            let (key, names) = named(call);
            let Some(message) = messages.get(&key) else {
                continue;
            };
            assert_eq!(names, message.arguments, "src/{place}: say!({call})");
            checked += 1;
        }
    }
    for (place, text) in texts("templates", "html") {
        for call in arguments_of(&text, "chrome.t_with(") {
            let given = literals(call);
            let wanted: Vec<_> = messages[&given[0]].arguments.iter().collect();
            assert_eq!(wanted, [&given[1]], "templates/{place}: {call}");
            checked += 1;
        }
        for call in arguments_of(&text, "chrome.t(") {
            let key = &literals(call)[0];
            let wanted = &messages[key].arguments;
            assert!(
                wanted.is_empty(),
                "templates/{place}: {key} wants {wanted:?}"
            );
            checked += 1;
        }
    }
    assert!(checked > 150, "only {checked} were seen");
}

/// Every key that templates and sources say, and where.
fn said() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut note = |place: &str, text: &str, call: &str| {
        for arguments in arguments_of(text, call) {
            if arguments.trim_start().starts_with('"') {
                found.push((place.to_owned(), literals(arguments)[0].clone()));
            }
        }
    };
    for (place, text) in texts("templates", "html") {
        note(&place, &text, "chrome.t(");
        note(&place, &text, "chrome.t_with(");
    }
    for (place, code) in sources() {
        note(&place, &code, "say!(");
        note(&place, &code, ".t(");
    }
    found
}

/// The key of a `say!(…)` and the names of its values.
fn named(call: &str) -> (String, BTreeSet<String>) {
    let key = literals(call).into_iter().next().unwrap_or_default();
    let names = top_level_parts(call)
        .into_iter()
        .skip(1)
        .filter_map(|part| Some(part.split_once('=')?.0.trim().to_owned()))
        .collect();
    (key, names)
}

/// The parts of a list of arguments; commas inside brackets and texts part nothing.
fn top_level_parts(call: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut in_text) = (0, false);
    for letter in call.chars() {
        match letter {
            '"' => in_text = !in_text,
            '(' | '[' | '{' if !in_text => depth += 1,
            ')' | ']' | '}' if !in_text => depth -= 1,
            ',' if depth == 0 && !in_text => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    parts
}

/// The readers must see what they are to find.
#[test]
fn the_readers_of_the_sources_read() {
    let code =
        "say!(\n    \"a-key\",\n    one = f(2, \"x\"),\n    two = say!(\"inner\", three = 3)\n)";
    let calls = arguments_of(code, "say!(");
    assert_eq!(calls.len(), 2);
    let (key, names) = named(calls[0]);
    assert_eq!(key, "a-key");
    assert_eq!(names, BTreeSet::from(["one".to_owned(), "two".to_owned()]));
    assert_eq!(without("a {{ b }} c", "{{", "}}", "-"), "a - c");
    assert_eq!(literals(r#"f("a", "b \" c")"#), ["a", "b \" c"]);
}
