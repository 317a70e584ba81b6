//! What a function is called with, from the body of a request.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::header;
use runtime::{Tensor, npy};

use super::content::{Content, JSON, unsuitable};
use super::failure::Failure;
use crate::Argument;
use crate::refusal::Class;

const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";
const NPY: &str = "application/x-npy";
const MULTIPART: &str = "multipart/form-data";
/// A model has fewer inputs.
const PARTS_MAX: usize = 256;

/// Reads the argument that a body is: the media type says which kind.
pub(super) async fn argument(content: Content) -> Result<Argument, Failure> {
    match content.media_type().as_deref() {
        None | Some(JSON) if content.bytes().is_empty() => Ok(Argument::Nothing),
        Some(JSON) => content.json_text().map(Argument::Json),
        Some(PNG | JPEG) => Ok(Argument::Picture(content.bytes().to_vec())),
        Some(NPY) => tensor("the body", content.bytes()).map(|tensor| Argument::Tensors(vec![tensor])),
        Some(MULTIPART) => tensors(content).await.map(Argument::Tensors),
        said => Err(unsuitable(said, &[JSON, PNG, JPEG, NPY, MULTIPART])),
    }
}

/// A tensor out of each part; its name is the name of the input.
async fn tensors(content: Content) -> Result<Vec<Tensor>, Failure> {
    let broken = |reason: String| {
        Failure::of(Class::Invalid, "broken_multipart", format!("cannot read the parts of the body: {reason}"))
    };
    let mut request = Request::new(Body::from(content.bytes().clone()));
    if let Some(content_type) = content.content_type() {
        request.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
    }
    // It was within the limit already.
    DefaultBodyLimit::disable().apply(&mut request);
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|rejection| broken(rejection.body_text()))?;
    let mut tensors = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|error| broken(error.body_text()))? {
        if tensors.len() == PARTS_MAX {
            return Err(broken(format!("there are more than {PARTS_MAX}")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|error| broken(error.body_text()))?;
        let what = if name.is_empty() { "a part without a name".into() } else { format!("the part `{name}`") };
        tensors.push(tensor(&what, &bytes)?.named(name));
    }
    Ok(tensors)
}

fn tensor(what: &str, bytes: &[u8]) -> Result<Tensor, Failure> {
    npy::read(bytes)
        .map_err(|error| Failure::of(Class::Invalid, "invalid_npy", format!("{what} cannot be used: {error}")))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn read(content_type: Option<&'static str>, bytes: &[u8]) -> Result<Argument, Failure> {
        argument(Content::new(content_type, bytes)).now_or_never().expect("everything is there")
    }

    #[track_caller]
    fn check_refused(content_type: &'static str, bytes: &[u8], status: u16, code: &str, message: &str) {
        let failure = read(Some(content_type), bytes).unwrap_err();
        assert_eq!((failure.status(), failure.code(), failure.message()), (status, code, message));
    }

    fn multipart(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (disposition, bytes) in parts {
            body.extend_from_slice(format!("--x\r\ncontent-disposition: {disposition}\r\n\r\n").as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        body
    }

    #[test]
    fn the_media_type_says_the_kind() {
        assert_eq!(read(None, b""), Ok(Argument::Nothing));
        assert_eq!(read(Some("application/json"), b""), Ok(Argument::Nothing));
        assert_eq!(read(Some("application/json"), b" [1]"), Ok(Argument::Json(" [1]".into())));
        assert_eq!(read(Some("image/PNG"), b"\x89PNG"), Ok(Argument::Picture(b"\x89PNG".to_vec())));
        let tensor = Tensor::from_f32s(vec![2], &[1.0, 2.0]).unwrap();
        assert_eq!(read(Some("application/x-npy"), &npy::write(&tensor)), Ok(Argument::Tensors(vec![tensor])));
    }

    #[test]
    fn parts_are_tensors_by_name() {
        let [a, b] = [[1.0], [2.0]].map(|values| Tensor::from_f32s(vec![1], &values).unwrap());
        let body = multipart(&[
            ("form-data; name=\"a\"; filename=\"a.npy\"", &npy::write(&a)),
            ("form-data; name=\"b\"", &npy::write(&b)),
        ]);
        let expected = Argument::Tensors(vec![a.named("a"), b.named("b")]);
        assert_eq!(read(Some("multipart/form-data; boundary=x"), &body), Ok(expected));
    }

    #[test]
    fn what_is_unusable_is_named() {
        check_refused(
            "text/plain",
            b"1",
            415,
            "wrong_content_type",
            "the body is `text/plain`: send it with the header `content-type: application/json`, `image/png`, \
             `image/jpeg`, `application/x-npy`, `multipart/form-data`",
        );
        check_refused(
            "application/x-npy",
            b"1",
            400,
            "invalid_npy",
            "the body cannot be used: not a .npy file: it does not begin with \\x93NUMPY",
        );
        check_refused(
            "multipart/form-data; boundary=x",
            &multipart(&[("form-data; name=\"a\"", b"1")]),
            400,
            "invalid_npy",
            "the part `a` cannot be used: not a .npy file: it does not begin with \\x93NUMPY",
        );
        for (content_type, body) in [
            ("multipart/form-data", &b"--x--\r\n"[..]),
            ("multipart/form-data; boundary=x", b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1"),
        ] {
            assert_eq!(read(Some(content_type), body).unwrap_err().code(), "broken_multipart");
        }
        assert_eq!(read(None, b"1").unwrap_err().code(), "wrong_content_type");
    }
}
