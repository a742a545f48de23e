//! The owner's `/api`, as far as something calls it.

use std::sync::atomic::Ordering;

use crate::Flavour;
use crate::auth::{User, hash};
use crate::http::{Answer, Head, percent_decode};
use crate::state::Shared;

/// Enough of a JPEG for a reader that looks at the first and last bytes.
const SCREENSHOT: &[u8] =
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9";

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
    Some(match head.path() {
        "/api/get_screenshot" if shared.viewed.load(Ordering::SeqCst) => {
            Answer::new("200 OK", "image/jpeg")
                .isolated()
                .sized(SCREENSHOT)
        }
        // Nobody has looked yet.
        "/api/get_screenshot" => bad_request(),
        "/api/create_user" | "/api/update_user" | "/api/remove_user" => {
            change_user(head.path(), &Arguments(head.query()), shared)
        }
        "/api/get_users" => {
            let users = shared.users.all();
            let list = format!(
                "[{}]",
                users.iter().map(user_json).collect::<Vec<_>>().join(", ")
            );
            Answer::new("200 OK", "text/plain").isolated().sized(list)
        }
        "/api/get_sessions" if shared.flavour == Flavour::New => {
            json(format!("{{\"sessions\": {}}}", shared.sockets.live()))
        }
        "/api/get_bottleneck_stats" | "/api/get_frame_stats" => json("{}".to_owned()),
        "/api/send_full_frame" | "/api/clear_clipboard" => ok(),
        "/api/downloads" => {
            let files = shared.files.downloads();
            let list = files
                .iter()
                .map(|(name, size, folder)| file_json(name, *size, *folder));
            json(format!(
                "{{ \"files\": [{}]}}",
                list.collect::<Vec<_>>().join(",")
            ))
        }
        _ => return None,
    })
}

/// What stands in the query.
struct Arguments<'query>(&'query str);

impl Arguments<'_> {
    /// A value that is not empty; `+` in it is no blank.
    fn text(&self, name: &str) -> Option<String> {
        let given = self
            .0
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let text =
            given.map(|value| String::from_utf8_lossy(&percent_decode(value, false)).into_owned());
        text.filter(|text| !text.is_empty())
    }

    fn flag(&self, name: &str) -> bool {
        self.text(name).as_deref() == Some("true")
    }
}

fn change_user(path: &str, arguments: &Arguments<'_>, shared: &Shared) -> Answer {
    let Some(name) = arguments.text("name") else {
        return bad_request();
    };
    let permissions = permissions(&|flag: &str| arguments.flag(flag));
    match (path, shared.users.get(&name), arguments.text("password")) {
        ("/api/create_user", None, Some(password)) => {
            shared.users.put(User {
                name,
                hash: hash(&password),
                ..permissions
            });
            ok()
        }
        ("/api/update_user", Some(user), _) => {
            shared.users.put(User {
                name,
                hash: user.hash,
                ..permissions
            });
            ok()
        }
        ("/api/remove_user", Some(_), _) => remove(&name, shared),
        _ => bad_request(),
    }
}

fn user_json(user: &User) -> String {
    let User {
        name,
        read,
        write,
        owner,
        ..
    } = user;
    let name = quoted(name);
    format!("{{\"user\": {name}, \"read\": {read}, \"write\": {write}, \"owner\": {owner}}}")
}

fn file_json(name: &[u8], size: usize, folder: bool) -> String {
    let name = quoted(&String::from_utf8_lossy(name));
    format!(
        "{{ \"filename\": {name}, \"date_modified\": 0, \"date_created\": 0, \"is_dir\": {folder}, \
         \"size\": {size}, \"owner\": \"kasm-user\", \"group\": \"kasm-user\", \"perms\": \"rw-r--r--\" }}"
    )
}

fn post(head: &Head, shared: &Shared) -> Option<Answer> {
    if !matches!(
        head.path(),
        "/api/create_user" | "/api/update_user" | "/api/remove_user"
    ) {
        return None;
    }
    // What did not arrive together with the head does not exist for the real server either.
    let body = String::from_utf8_lossy(head.body()).into_owned();
    let entries: Vec<_> = body
        .split('}')
        .filter_map(|part| part.split_once('{'))
        .map(|(_, entry)| entry)
        .collect();
    if entries.is_empty() {
        return Some(bad_request());
    }
    for entry in entries {
        let text = |name: &str| {
            member(entry, name).and_then(|rest| rest.strip_prefix('"')?.split('"').next())
        };
        let flag = |name: &str| member(entry, name).is_some_and(|rest| rest.starts_with("true"));
        let Some(name) = text("user").filter(|name| !name.is_empty()) else {
            return Some(bad_request());
        };
        let known = shared.users.get(name);
        match (
            head.path(),
            text("password").filter(|password| !password.is_empty()),
            known,
        ) {
            ("/api/create_user", Some(password), _)
            | ("/api/update_user", Some(password), Some(_)) => {
                shared.users.put(User {
                    name: name.to_owned(),
                    hash: hash(password),
                    ..permissions(&flag)
                });
            }
            ("/api/update_user", None, Some(user)) => {
                shared.users.put(User {
                    name: user.name,
                    hash: user.hash,
                    ..permissions(&flag)
                });
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
    User {
        read: read || write,
        write,
        owner,
        ..User::new("", "", "")
    }
}

fn remove(name: &str, shared: &Shared) -> Answer {
    shared.users.remove(name);
    shared.sockets.end(|user| user == name);
    ok()
}

fn ok() -> Answer {
    Answer::new("200 OK", "text/plain")
        .isolated()
        .sized("200 OK")
}

fn json(text: String) -> Answer {
    Answer::new("200 OK", "text/json").isolated().body(text)
}

fn bad_request() -> Answer {
    Answer::new("400 Bad Request", "text/plain")
        .isolated()
        .body("400 Bad Request")
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if u32::from(letter) < 0x20 => {
                quoted.extend(["\\u", &format!("{:04x}", u32::from(letter))]);
            }
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}
