//! Tensors as the parts of one body, RFC 7578.

use runtime::{Tensor, npy};

/// A body of several parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Parts {
    /// Each tensor as a NumPy file, in a part of its name; what has no name is told by its position.
    pub(super) fn of(tensors: &[Tensor]) -> Self {
        let files: Vec<Vec<u8>> = tensors.iter().map(npy::write).collect();
        let boundary = boundary(&files);
        let mut body = Vec::with_capacity(files.iter().map(|file| file.len() + 256).sum());
        for (tensor, file) in tensors.iter().zip(&files) {
            let name = quoted(&tensor.name);
            let head = format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\ncontent-type: application/x-npy\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Self { content_type: format!("multipart/form-data; boundary={boundary}"), body }
    }
}

/// A line that is in none of the files.
fn boundary(files: &[Vec<u8>]) -> String {
    let candidates = (0_u64..).map(|number| format!("wasmtube-tensors-{number}"));
    let is_free = |boundary: &String| {
        let bytes = boundary.as_bytes();
        !files.iter().any(|file| file.windows(bytes.len()).any(|window| window == bytes))
    };
    candidates.into_iter().find(is_free).unwrap_or_default()
}

/// A name between quotes; what a header cannot hold is written as in an address.
fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\r' => quoted.push_str("%0D"),
            '\n' => quoted.push_str("%0A"),
            _ => quoted.push(character),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(name: &str) -> Tensor {
        Tensor::from_f32s(vec![1], &[0.5]).unwrap().named(name)
    }

    #[test]
    fn each_tensor_is_a_part() {
        let parts = Parts::of(&[tensor("left"), tensor("a\"b\n")]);
        assert_eq!(parts.content_type, "multipart/form-data; boundary=wasmtube-tensors-0");
        let text = String::from_utf8_lossy(&parts.body);
        assert!(
            text.starts_with("--wasmtube-tensors-0\r\ncontent-disposition: form-data; name=\"left\"\r\n"),
            "{text}"
        );
        assert!(text.contains("name=\"a\\\"b%0A\"\r\n"), "{text}");
        assert!(text.ends_with("\r\n--wasmtube-tensors-0--\r\n"), "{text}");
        assert_eq!(text.matches("--wasmtube-tensors-0").count(), 3);
    }

    #[test]
    fn the_boundary_is_in_no_file() {
        assert_eq!(boundary(&[b"..wasmtube-tensors-0..wasmtube-tensors-1".to_vec()]), "wasmtube-tensors-2");
    }
}
