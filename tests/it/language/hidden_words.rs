//! Words that would stay in one language: in templates, in the source, in scripts.

use super::{arguments_of, has_words, literals, sources, texts, without};

/// Attributes that are read out or shown.
const READ_ALOUD: [&str; 8] = [
    "alt",
    "aria-description",
    "aria-label",
    "aria-roledescription",
    "aria-valuetext",
    "label",
    "placeholder",
    "title",
];

#[test]
fn templates_have_no_words_of_their_own() {
    let found: Vec<_> = texts("templates", "html")
        .iter()
        .flat_map(|(name, text)| {
            own_words(text)
                .into_iter()
                .map(move |words| format!("templates/{name}: {words}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What a template shows that does not come from a language file.
fn own_words(text: &str) -> Vec<String> {
    let text = without(text, "{#", "#}", "");
    let mut found: Vec<String> = ["{{", "{%"]
        .into_iter()
        .flat_map(|open| text.split(open).skip(1))
        .flat_map(|inside| {
            let ends = ["}}", "%}"].map(|close| inside.find(close));
            let end = ends.into_iter().flatten().min();
            literals(&inside[..end.unwrap_or(inside.len())])
        })
        .filter(|literal| is_prose(literal))
        .collect();
    let text = without(&without(&text, "{{", "}}", ""), "{%", "%}", "");
    // What one types or copies as it is: addresses, words of protocols.
    let text = without(&text, "<code>", "</code>", "");
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        let (shown, tag) = rest.split_at(at);
        found.extend(words_of(shown));
        let end = end_of_tag(tag);
        found.extend(words_in_attributes(&tag[..end]));
        rest = tag.get(end + 1..).unwrap_or_default();
    }
    found.extend(words_of(rest));
    found
}

/// What stands between tags. A block may also fill in the attributes of a tag elsewhere, or a class of it.
fn words_of(shown: &str) -> Vec<String> {
    const CLASSES: [&str; 1] = ["broad"];
    let mut found = words_in_attributes(shown);
    let mut left = String::new();
    let mut rest = shown;
    while let Some((before, after)) = rest.split_once("=\"") {
        left.push_str(before.trim_end_matches(|letter: char| !letter.is_whitespace()));
        rest = after.split_once('"').map_or("", |(_, next)| next);
    }
    left.push_str(rest);
    let left: Vec<_> = left
        .split_whitespace()
        .filter(|word| !CLASSES.contains(word))
        .collect();
    let left = left.join(" ");
    found.extend(has_words(&left).then_some(left));
    found
}

fn words_in_attributes(tag: &str) -> Vec<String> {
    attributes(tag)
        .into_iter()
        .filter(|(name, value)| {
            let aloud = READ_ALOUD.contains(name) && has_words(value);
            aloud || (name.starts_with("data-") && is_prose(value))
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

/// A word in capitals at its front, or two words in a row.
fn is_prose(text: &str) -> bool {
    let lower = |letter: char| letter.is_ascii_lowercase();
    let mut letters = text.chars();
    let capital = letters
        .next()
        .is_some_and(|first| first.is_ascii_uppercase())
        && letters
            .by_ref()
            .take(2)
            .filter(|letter| lower(*letter))
            .count()
            == 2;
    let words: Vec<_> = text.split(' ').collect();
    let word = |word: &str| word.len() >= 2 && word.chars().all(char::is_alphabetic);
    capital || words.windows(2).any(|pair| word(pair[0]) && word(pair[1]))
}

fn end_of_tag(tag: &str) -> usize {
    let mut in_value = false;
    tag.find(|letter| {
        in_value ^= letter == '"';
        letter == '>' && !in_value
    })
    .unwrap_or(tag.len() - 1)
}

fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let name = before.rsplit([' ', '\n', '"']).next().unwrap_or_default();
        let (value, next) = after.split_once('"').unwrap_or((after, ""));
        found.push((name, value));
        rest = next;
    }
    found
}

#[test]
fn no_sentence_is_made_from_a_text_in_the_source() {
    let mut found = Vec::new();
    for (path, code) in sources() {
        let fixed = |literal: &String| has_words(&without(literal, "{", "}", ""));
        for call in arguments_of(&code, "Sentence::plain(") {
            if literals(call).iter().any(fixed) || call.contains("to_string()") {
                found.push(format!("src/{path}: Sentence::plain({call})"));
            }
        }
        // A value is a name or a number; a word in it would need a message of its own.
        for call in arguments_of(&code, "say!(") {
            for literal in literals(call).iter().skip(1) {
                if is_prose(&without(literal, "{", "}", "")) {
                    found.push(format!("src/{path}: say!({call})"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Only [`deskcast::language::Sentence::plain`] makes a sentence from a text: what the test above reads.
#[test]
fn a_text_is_no_sentence_by_itself() {
    let language = sources()
        .into_iter()
        .find(|(path, _)| path == "language.rs");
    let (_, code) = language.unwrap();
    for kind in ["String", "&str", "&'static str", "Cow<"] {
        let way = format!("impl From<{kind}");
        assert!(!code.contains(&format!("{way}> for Sentence")), "{way}");
    }
    let outside: Vec<_> = sources()
        .into_iter()
        .filter(|(path, code)| {
            code.contains("Sentence::new(")
                && !["language.rs", "web/page.rs"].contains(&path.as_str())
        })
        .map(|(path, _)| path)
        .collect();
    assert!(outside.is_empty(), "say!() names the key: {outside:?}");
}

#[test]
fn scripts_say_only_what_the_page_gives_them() {
    let mut found = Vec::new();
    let own = texts("static", "js").into_iter();
    for (name, text) in own.filter(|(name, _)| !name.starts_with("vendor/")) {
        for literal in script_literals(&text) {
            let allowed = ["Escape", "KeyP"].contains(&literal.as_str());
            if is_prose(&literal) && !allowed {
                found.push(format!("static/{name}: {literal}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The texts in a script; of those with values inside, what stands around them.
fn script_literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        if letter == '/' && before == '/' {
            letters.by_ref().find(|letter| *letter == '\n');
        } else if matches!(letter, '"' | '\'' | '`') {
            let mut literal = String::new();
            let mut depth = 0;
            while let Some(inside) = letters.next() {
                match inside {
                    '\\' => drop(letters.next()),
                    '$' if letter == '`' && letters.peek() == Some(&'{') => depth += 1,
                    '}' if depth > 0 => depth -= 1,
                    _ if inside == letter && depth == 0 => break,
                    _ if depth == 0 => literal.push(inside),
                    _ => {}
                }
            }
            found.push(literal);
        }
        before = letter;
    }
    found
}

/// The readers must see what they are to forbid.
#[test]
fn hidden_words_are_seen() {
    let bad = [
        "<p>Hello there</p>",
        "<p>{{ a }} ago</p>",
        "<button aria-label=\"Close {{ chrome.t(\"a\") }}\"></button>",
        "<input placeholder=\"Find\">",
        "<p data-words=\"Try again\"></p>",
        "{% let title = \"Your desktops\" %}",
        "{{ parts::field(chrome, \"Name\") }}",
        "after <b></b> words",
        "{% block state %} aria-label=\"Now here\"{% endblock %}",
    ];
    for text in bad {
        assert_ne!(own_words(text), [""; 0], "{text}");
    }
    let good = [
        "<h1 class=\"page head\">{{ chrome.t(\"a-key\") }} · Deskcast</h1>",
        "{#- A remark -#}<a href=\"/x\" title=\"{{ chrome.t(\"b\") }}\">{{ n }} %</a>",
        "{% block state %} data-state=\"{{ state }}\" aria-current=\"page\"{% endblock %}",
        "{% if state == \"now\" %}<path d=\"M0 0h320v188H0z\"/>{% endif %}",
    ];
    for text in good {
        assert_eq!(own_words(text), [""; 0], "{text}");
    }
    let script = "// Not this\nsay(\"Not live\", `${a} s`, 'a b'); x(`In ${n} seconds or so`)";
    let prose: Vec<_> = script_literals(script)
        .into_iter()
        .filter(|literal| is_prose(literal))
        .collect();
    assert_eq!(prose, ["Not live", "In  seconds or so"]);
}
