//! The page: files of the folder `web`, part of the program.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use abi::Digest;

use super::interface::Interface;

/// A file of the page.
#[derive(Debug, Clone, Copy)]
struct File {
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const DRAWING: &str = "image/svg+xml";

macro_rules! file {
    ($path:literal, $name:literal, $content_type:expr) => {
        File { path: $path, content_type: $content_type, bytes: include_bytes!(concat!("../../../../web/", $name)) }
    };
}

const FILES: &[File] = &[
    file!("/api.js", "api.js", SCRIPT),
    file!("/app.js", "app.js", SCRIPT),
    file!("/chart.js", "chart.js", SCRIPT),
    file!("/commands.js", "commands.js", SCRIPT),
    file!("/confirm.js", "confirm.js", SCRIPT),
    file!("/connection.js", "connection.js", SCRIPT),
    file!("/copy.js", "copy.js", SCRIPT),
    file!("/deploy.js", "deploy.js", SCRIPT),
    file!("/dom.js", "dom.js", SCRIPT),
    file!("/drawing.js", "drawing.js", SCRIPT),
    file!("/events.js", "events.js", SCRIPT),
    file!("/format.js", "format.js", SCRIPT),
    file!("/header.js", "header.js", SCRIPT),
    file!("/icon.svg", "icon.svg", DRAWING),
    file!("/", "index.html", HTML),
    file!("/inputs.js", "inputs.js", SCRIPT),
    file!("/neighbors.js", "neighbors.js", SCRIPT),
    file!("/picture.js", "picture.js", SCRIPT),
    file!("/poll.js", "poll.js", SCRIPT),
    file!("/result.js", "result.js", SCRIPT),
    file!("/routes.js", "routes.js", SCRIPT),
    file!("/slots.js", "slots.js", SCRIPT),
    file!("/style.css", "style.css", STYLE),
    file!("/tensors.js", "tensors.js", SCRIPT),
    file!("/time.js", "time.js", SCRIPT),
    file!("/try.js", "try.js", SCRIPT),
];

/// A path for each file.
pub(super) fn router() -> Router<Interface> {
    FILES.iter().fold(Router::new(), |router, file| {
        let tag = tag(file.bytes);
        router.route(file.path, get(async move |headers: HeaderMap| answer(file, &tag, &headers)))
    })
}

/// The same for the same bytes, in the quotes that the header needs.
fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", Digest::of(bytes))
}

/// The file, unless whoever asks has it already.
fn answer(file: &File, tag: &str, headers: &HeaderMap) -> Response {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok());
    let mut known = known.flat_map(|known| known.split(',')).map(|known| known.trim().trim_start_matches("W/"));
    let mut response = if known.any(|known| known == tag || known == "*") {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(file.bytes));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        response
    };
    let headers = response.headers_mut();
    // Asked for again each time, so that a node that was replaced shows its own page.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_page_has_a_path() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
        let of_page = |name: &str| [".html", ".css", ".js", ".svg"].iter().any(|end| name.ends_with(end));
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let names = entries.map(|entry| entry.file_name().into_string().unwrap()).filter(|name| of_page(name));
        let path = |name: String| if name == "index.html" { "/".into() } else { format!("/{name}") };
        let expected: BTreeSet<String> = names.map(path).collect();
        let paths: BTreeSet<String> = FILES.iter().map(|file| file.path.to_owned()).collect();
        assert_eq!(paths, expected);
    }

    #[test]
    fn the_page_is_small() {
        assert!(FILES.iter().map(|file| file.bytes.len()).sum::<usize>() < 300_000);
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let file = &FILES[0];
        let tag = tag(file.bytes);
        let status = |known: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, known.parse().unwrap())]);
            answer(file, &tag, &headers).status().as_u16()
        };
        assert_eq!(answer(file, &tag, &HeaderMap::new()).status(), 200);
        assert_eq!(status(&tag), 304);
        assert_eq!(status(&format!("\"other\", W/{tag}")), 304);
        assert_eq!(status("*"), 304);
        assert_eq!(status("\"other\""), 200);
    }
}
