//! What a file is, by its name's ending (pure).

/// `Content-Type` by ending. The real server calls most of these `application/octet-stream`, with which a browser
/// neither compiles WebAssembly while it loads nor takes a font.
pub(super) fn content_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" | "md" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "cur" => "image/x-win-bitmap",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "mp3" => "audio/mpeg",
        "oga" | "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "webm" => "video/webm",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}

/// Whether compressing such a file pays. Pictures, sound and woff fonts are compressed already.
pub(super) fn is_compressible(content_type: &str) -> bool {
    content_type.starts_with("text/")
        || matches!(
            content_type,
            "application/json"
                | "application/manifest+json"
                | "application/xml"
                | "application/wasm"
                | "image/svg+xml"
                | "image/x-icon"
                | "font/ttf"
                | "font/otf"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings() {
        let table = [
            ("index.html", "text/html; charset=utf-8", true),
            ("app/ui.js", "text/javascript; charset=utf-8", true),
            ("a/b.MJS", "text/javascript; charset=utf-8", true),
            ("package.json", "application/json", true),
            ("core/decoder.wasm", "application/wasm", true),
            ("app/fonts/Orbitron700.woff2", "font/woff2", false),
            ("app/images/icons/novnc.svg", "image/svg+xml", true),
            ("favicon.ico", "image/x-icon", true),
            ("site.webmanifest", "application/manifest+json", true),
            ("x.png", "image/png", false),
            ("LICENSE", "application/octet-stream", false),
            ("folder.js/LICENSE", "application/octet-stream", false),
            ("", "application/octet-stream", false),
        ];
        for (path, kind, pays) in table {
            assert_eq!(content_type(path), kind, "{path}");
            assert_eq!(is_compressible(kind), pays, "{path}");
        }
    }
}
