//! The owner's `/api`, as far as something calls it.

use std::sync::atomic::Ordering;

use crate::Flavour;
use crate::auth::{User, hash};
use crate::http::{Answer, Head, percent_decode};
use crate::state::Shared;

/// Enough of a JPEG for a reader that looks at the first and last bytes.
const SCREENSHOT: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9";

/// The answer, or `None` when the file server shall have the request.
pub(crate) fn serve(head: &Head, shared: &Shared) -> Option<Answer> {
    if crate::http::find(&head.all, b"../").is_some() || head.target.len() > 1024 {
        return None;
    }
    match head.method.as_str() {
        "GET" => get(head, shared),
        "POST" if head.query().is_empty() => post(head, shared),
        "HEAD" if head.path() == "/api/system/stats" => Some(json("{}".to_owned())),
        _ => None,
    }
}

fn get(head: &Head, shared: &Shared) -> Option<Answer> {
    let argument = |name: &str| {
        // By prefix, as in the real server; `+` is not a blank.
        let given = head.query().split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        given.map(|value| String::from_utf8_lossy(&percent_decode(value, false)).into_owned())
    };
    let flag = |name: &str| argument(name).as_deref() == Some("true");
    let named = || argument("name").filter(|name| !name.is_empty());
    Some(match head.path() {
        "/api/get_screenshot" if shared.viewed.load(Ordering::SeqCst) => {
            Answer::new("200 OK", "image/jpeg").isolated().sized(SCREENSHOT)
        }
        "/api/create_user" => match (named(), argument("password").filter(|password| !password.is_empty())) {
            (Some(name), Some(password)) if shared.users.get(&name).is_none() => {
                let user = User { name, hash: hash(&password), ..permissions(&flag) };
                shared.users.put(user);
                ok()
            }
            _ => bad_request(),
        },
        "/api/update_user" => match named().and_then(|name| shared.users.get(&name)) {
            Some(user) => {
                shared.users.put(User { name: user.name, hash: user.hash, ..permissions(&flag) });
                ok()
            }
            None => bad_request(),
        },
        "/api/remove_user" => match named().filter(|name| shared.users.get(name).is_some()) {
            Some(name) => remove(&name, shared),
            None => bad_request(),
        },
        "/api/get_users" => {
            let users = shared.users.all();
            let entries = users.iter().map(|user| {
                let User { name, read, write, owner, .. } = user;
                format!("{{\"user\": {}, \"read\": {read}, \"write\": {write}, \"owner\": {owner}}}", quoted(name))
            });
            let list = format!("[{}]", entries.collect::<Vec<_>>().join(", "));
            Answer::new("200 OK", "text/plain").isolated().sized(list)
        }
        "/api/get_sessions" if shared.flavour == Flavour::New => {
            json(format!("{{\"sessions\": {}}}", shared.sockets.live()))
        }
        "/api/get_bottleneck_stats" | "/api/get_frame_stats" => json("{}".to_owned()),
        "/api/send_full_frame" | "/api/clear_clipboard" => ok(),
        "/api/downloads" => {
            let files = shared.files.downloads().into_iter().map(|(name, size, folder)| {
                let name = quoted(&String::from_utf8_lossy(&name));
                format!(
                    "{{ \"filename\": {name}, \"date_modified\": 0, \"date_created\": 0, \"is_dir\": {folder}, \
                     \"size\": {size}, \"owner\": \"kasm-user\", \"group\": \"kasm-user\", \"perms\": \"rw-r--r--\" }}"
                )
            });
            json(format!("{{ \"files\": [{}]}}", files.collect::<Vec<_>>().join(",")))
        }
        // Also a screenshot that nobody has made possible yet by looking.
        "/api/get_screenshot" => bad_request(),
        _ => return None,
    })
}

fn post(head: &Head, shared: &Shared) -> Option<Answer> {
    if !matches!(head.path(), "/api/create_user" | "/api/update_user" | "/api/remove_user") {
        return None;
    }
    // What did not arrive together with the head does not exist for the real server either.
    let body = String::from_utf8_lossy(head.body()).into_owned();
    let entries: Vec<_> = body.split('}').filter_map(|part| part.split_once('{')).map(|(_, entry)| entry).collect();
    if entries.is_empty() {
        return Some(bad_request());
    }
    for entry in entries {
        let text = |name: &str| member(entry, name).and_then(|rest| rest.strip_prefix('"')?.split('"').next());
        let flag = |name: &str| member(entry, name).is_some_and(|rest| rest.starts_with("true"));
        let Some(name) = text("user").filter(|name| !name.is_empty()) else { return Some(bad_request()) };
        let known = shared.users.get(name);
        match (head.path(), text("password").filter(|password| !password.is_empty()), known) {
            ("/api/create_user", Some(password), _) | ("/api/update_user", Some(password), Some(_)) => {
                shared.users.put(User { name: name.to_owned(), hash: hash(password), ..permissions(&flag) });
            }
            ("/api/update_user", None, Some(user)) => {
                shared.users.put(User { name: user.name, hash: user.hash, ..permissions(&flag) });
            }
            ("/api/remove_user", _, Some(user)) => drop(remove(&user.name, shared)),
            _ => return Some(bad_request()),
        }
    }
    Some(ok())
}

/// The text after `"name":`. Good for one flat object without escaped quotes, which is all that callers send.
fn member<'entry>(entry: &'entry str, name: &str) -> Option<&'entry str> {
    let (_, rest) = entry.split_once(&format!("\"{name}\""))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// A user with nothing but permissions. Who may write may read.
fn permissions(flag: &dyn Fn(&str) -> bool) -> User {
    let (read, write, owner) = (flag("read"), flag("write"), flag("owner"));
    User { read: read || write, write, owner, ..User::new("", "", "") }
}

fn remove(name: &str, shared: &Shared) -> Answer {
    shared.users.remove(name);
    shared.sockets.end(|user| user == name);
    ok()
}

fn ok() -> Answer {
    Answer::new("200 OK", "text/plain").isolated().sized("200 OK")
}

fn json(text: String) -> Answer {
    Answer::new("200 OK", "text/json").isolated().body(text)
}

fn bad_request() -> Answer {
    Answer::new("400 Bad Request", "text/plain").isolated().body("400 Bad Request")
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if u32::from(letter) < 0x20 => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}
