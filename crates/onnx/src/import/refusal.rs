use ir::{Code, Diagnostic, InferError};

use crate::model::{element, shown};

pub(crate) type Result<T> = std::result::Result<T, Refusal>;

/// Why something cannot be imported, without the place, which the driver knows.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: Code,
    message: String,
    help: String,
}

impl Refusal {
    pub(crate) fn new(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }

    /// Inputs that do not go together.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Code::BadInput, message, "run `onnx.checker.check_model(model, full_check=True)` on the model")
    }

    /// An attribute without sense.
    pub(crate) fn attribute(message: impl Into<String>) -> Self {
        Self::new(Code::BadAttribute, message, "run `onnx.checker.check_model(model, full_check=True)` on the model")
    }

    /// A setting that is valid and not supported; `instead` is what would be.
    pub(crate) fn setting(message: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::new(Code::UnsupportedAttribute, message, instead)
    }

    /// Shapes that are valid and not supported.
    pub(crate) fn shape(message: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::new(Code::UnsupportedShape, message, instead)
    }

    /// Something that must be constant and is not.
    pub(crate) fn not_constant(what: &str) -> Self {
        Self::new(
            Code::NotConstant,
            format!("the compiler must know {what} beforehand, not only when the model runs"),
            "export the model with fixed shapes and constant parameters, or simplify it first (for example with onnxsim)",
        )
    }

    /// An element type that is not supported.
    pub(crate) fn element(element: i32) -> Self {
        let help = match element::name(element).as_str() {
            "bfloat16" | "float64" => "convert the model to float32 or float16 before exporting",
            "uint8" | "int8" | "int4" | "uint4" => "export the model before it was quantized, in float32",
            _ => "export the model in float32",
        };
        Self::new(Code::UnsupportedType, format!("{} is not supported", element::name(element)), help)
    }

    /// An input of integers.
    pub(crate) fn integer_input(element: i32, name: &str) -> Self {
        Self::new(
            Code::UnsupportedType,
            format!("{} is not supported", element::name(element)),
            format!("freeze it, if it is always the same: `--const {}=FILE.npy`", shown(name)),
        )
    }

    /// Integers where the result is computed when the model runs.
    pub(crate) fn integers() -> Self {
        Self::new(
            Code::UnsupportedType,
            "integers are supported only for shapes, and these would be computed when the model runs",
            "keep integer tensors out of the part of the model that is exported",
        )
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(Code::TooLarge, message, "use a smaller model or a smaller input")
    }

    pub(crate) fn about_node(self, node: String, operator: &str) -> Diagnostic {
        let operator = (!operator.is_empty()).then(|| shown(operator));
        Diagnostic { code: self.code, message: self.message, node: Some(node), operator, help: self.help }
    }

    pub(crate) fn about_input(self, name: &str) -> Diagnostic {
        self.about("input", name)
    }

    pub(crate) fn about_output(self, name: &str) -> Diagnostic {
        self.about("output", name)
    }

    pub(crate) fn about_tensor(self, name: &str) -> Diagnostic {
        self.about("tensor", name)
    }

    fn about(self, what: &str, name: &str) -> Diagnostic {
        let message = format!("{what} `{}`: {}", shown(name), self.message);
        Diagnostic { code: self.code, message, node: None, operator: None, help: self.help }
    }
}

impl From<InferError> for Refusal {
    fn from(error: InferError) -> Self {
        match error {
            InferError::TooLarge { .. } => Self::too_large(error.to_string()),
            InferError::Empty { .. } => {
                Self::shape(error.to_string(), "remove the parts of the model that compute nothing")
            }
            _ => Self::input(error.to_string()),
        }
    }
}
