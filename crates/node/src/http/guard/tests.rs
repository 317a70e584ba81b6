use super::*;

/// The code of the refusal, or `passes`.
#[track_caller]
fn check_request(method: &Method, uri: &str, headers: &[(&str, &str)], expected: &str) {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let outcome = check(method, &uri.parse().unwrap(), &map);
    let said = outcome.as_ref().map_or_else(Failure::code, |()| "passes");
    assert_eq!(said, expected, "{method} {uri} {headers:?}: {outcome:?}");
}

#[test]
fn the_host_is_this_machine() {
    for host in ["127.0.0.1:7700", "127.0.0.1", "127.8.9.10:1", "localhost:80", "LOCALHOST", "[::1]:7700", "[::1]"] {
        check_request(&Method::GET, "/", &[("host", host)], "passes");
        check_request(&Method::POST, "/", &[("host", host)], "passes");
    }
    for host in [
        "evil.example",
        "evil.example:7700",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "128.0.0.1",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "::1",
        "[::]",
        "[::1",
        "127.0.0.1:99999",
        "127.0.0.1:80:80",
        "127.0.0.1:+80",
        "localhost:",
        "user@localhost",
        "",
    ] {
        check_request(&Method::GET, "/", &[("host", host)], "foreign_host");
        check_request(&Method::POST, "/", &[("host", host)], "foreign_host");
    }
}

#[test]
fn there_is_exactly_one_host() {
    check_request(&Method::GET, "/", &[], "foreign_host");
    check_request(&Method::GET, "/", &[("host", "localhost"), ("host", "localhost")], "foreign_host");
    check_request(&Method::GET, "http://evil.example/", &[("host", "localhost")], "foreign_host");
    check_request(&Method::GET, "http://localhost:1/", &[("host", "localhost:1")], "passes");
}

#[test]
fn what_changes_comes_from_the_own_page() {
    let host = ("host", "localhost:7700");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        check_request(&method, "/", &[host, ("origin", "http://localhost:7700")], "passes");
        for origin in [
            "http://evil.example",
            "http://localhost:7701",
            "http://127.0.0.1:7700",
            "https://localhost:7700",
            "http://localhost",
            "null",
            "",
        ] {
            check_request(&method, "/", &[host, ("origin", origin)], "foreign_origin");
        }
        let twice = [host, ("origin", "http://localhost:7700"), ("origin", "http://evil.example")];
        check_request(&method, "/", &twice, "foreign_origin");
        check_request(&method, "/", &[host, ("sec-fetch-site", "cross-site")], "foreign_origin");
        check_request(&method, "/", &[host, ("sec-fetch-site", "same-origin")], "passes");
    }
}

#[test]
fn reading_needs_no_origin() {
    let headers = [("host", "localhost"), ("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")];
    check_request(&Method::GET, "/", &headers, "passes");
    check_request(&Method::HEAD, "/", &headers, "passes");
}
