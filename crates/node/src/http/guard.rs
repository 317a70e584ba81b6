//! The guard against pages of other sites, which a browser on the same machine lets send requests here.
//!
//! A page can give its own host name the address of this node (DNS rebinding), and then it reads what the node answers;
//! so the name that a request asks for is checked, on every request. And a page can have the browser send what changes
//! something without reading the answer; so where a browser says from which page a request comes, it must be our own.
//! There are no headers that share answers with other sites.

use std::net::Ipv4Addr;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::failure::Failure;
use crate::refusal::Class;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets pass what asks for this machine and comes from no other site.
pub(super) async fn enforce(request: Request, next: Next) -> Response {
    match check(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

fn check(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
    let host = host(uri, headers)?;
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let own = format!("http://{host}");
    let foreign = |from: &str| {
        let message =
            format!("a page of {from} may not call or change anything here: use the page of this node, {own}");
        Err(Failure::of(Class::Foreign, "foreign_origin", message))
    };
    let origins: Vec<_> = headers.get_all(header::ORIGIN).iter().collect();
    match origins.as_slice() {
        [] => {}
        [origin] if origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()) => {}
        [origin, ..] => return foreign(&String::from_utf8_lossy(origin.as_bytes())),
    }
    if headers.get_all(SEC_FETCH_SITE).iter().any(|site| site.as_bytes().eq_ignore_ascii_case(b"cross-site")) {
        return foreign("another site");
    }
    Ok(())
}

/// The host with its port that a request asks for.
fn host<'a>(uri: &Uri, headers: &'a HeaderMap) -> Result<&'a str, Failure> {
    let foreign = |what: String| {
        let message = format!("{what}: ask for 127.0.0.1, [::1] or localhost");
        Failure::of(Class::Foreign, "foreign_host", message)
    };
    let hosts: Vec<_> = headers.get_all(header::HOST).iter().collect();
    let host = match hosts.as_slice() {
        [host] => host.to_str().map_err(|_| foreign("the request asks for a host that is no text".into()))?,
        [] => return Err(foreign("the request does not say which host it asks for".into())),
        _ => return Err(foreign("the request asks for several hosts".into())),
    };
    if !is_loopback(host) {
        return Err(foreign(format!("the request asks for the host `{host}`")));
    }
    match uri.authority() {
        Some(authority) if !authority.as_str().eq_ignore_ascii_case(host) => {
            Err(foreign(format!("the request asks for the host `{authority}` and for `{host}`")))
        }
        Some(_) | None => Ok(host),
    }
}

/// Whether this names the loopback, with a port or without.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name, Some(port)),
        Some(_) | None => (host, None),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let is_name = name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    is_name && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests;
