//! The HTTP interface, asked as a browser or another program asks it.

mod calls;
mod events;
mod guard;
mod limits;
mod neighbors;
mod paths;
mod shutdown;

use std::time::Duration;

use serde_json::Value;
use ureq::http::HeaderMap;

use crate::running::Running;

const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

/// A request before it is sent.
struct Ask<'a> {
    url: String,
    headers: Vec<(&'a str, &'a str)>,
}

impl Running {
    /// Asks for a path.
    fn ask<'a>(&self, path: &str) -> Ask<'a> {
        Ask { url: format!("http://{}{path}", self.address), headers: vec![] }
    }
}

impl<'a> Ask<'a> {
    fn header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn get(self) -> Answer {
        let headers = self.headers.clone();
        let request = agent().get(&self.url);
        Answer::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).call())
    }

    fn post(self, body: &[u8]) -> Answer {
        let headers = self.headers.clone();
        let request = agent().post(&self.url);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::of(if body.is_empty() { request.send_empty() } else { request.send(body) })
    }

    fn post_json(self, body: &str) -> Answer {
        self.header("content-type", "application/json").post(body.as_bytes())
    }
}

impl Answer {
    #[track_caller]
    fn of(answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Self {
        let mut response = answered.unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        Self { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status and code of a refusal.
    #[track_caller]
    fn check_refused(&self, status: u16, code: &str) {
        let problem: node::body::Problem =
            serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text));
        assert_eq!((self.status, problem.code.as_str()), (status, code), "{}", problem.message);
        assert_eq!(self.headers["content-type"], "application/json");
    }

    #[track_caller]
    fn value(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["value"].clone()
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    config.timeout_global(Some(PATIENCE)).build().new_agent()
}
