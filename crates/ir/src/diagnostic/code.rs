use std::fmt;

/// Whose turn it is: *invalid* means that the input is wrong, *unsupported* that it is fine and we cannot,
/// *internal* that it is our defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The input is wrong.
    Invalid,
    /// The input is fine, the compiler cannot.
    Unsupported,
    /// A defect of the compiler.
    Internal,
}

macro_rules! codes {
    ($($name:ident = $text:literal, $class:ident, $title:literal;)+) => {
        /// Stable identities of diagnostics. A code is never reused for another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $name,)+
        }

        impl Code {
            /// Every code, ascending.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The text of the code.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Whose turn it is.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)+ }
            }

            /// One line about it.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }
        }
    };
}

codes! {
    NotOnnx = "E0101", Invalid, "the bytes are not an ONNX model";
    Limit = "E0102", Invalid, "the model exceeds a limit";
    MalformedGraph = "E0103", Invalid, "the graph is not well-formed";
    BadAttribute = "E0104", Invalid, "an attribute is missing or has the wrong type or value";
    BadInput = "E0105", Invalid, "the inputs of a node do not fit its operator";
    BadInitializer = "E0106", Invalid, "the data of a tensor does not fit its shape";
    NoOpset = "E0107", Invalid, "the model does not say which operator set it uses";
    UnsupportedOperator = "E0201", Unsupported, "an operator is not supported";
    UnsupportedAttribute = "E0202", Unsupported, "an attribute has a value that is not supported";
    UnsupportedType = "E0203", Unsupported, "an element type is not supported";
    FreeDimension = "E0204", Unsupported, "a dimension of an input has no fixed size";
    UnsupportedOpset = "E0205", Unsupported, "the operator set is too old or too new";
    NotConstant = "E0206", Unsupported, "an input that shapes the graph is not known when compiling";
    ExternalData = "E0207", Invalid, "data that a tensor keeps in another file cannot be had";
    UnsupportedShape = "E0208", Unsupported, "an operator is not supported for these shapes";
    TooLarge = "E0209", Unsupported, "the model needs more memory than a 32-bit Wasm module has";
    BadPreprocess = "E0301", Invalid, "the preprocessing does not fit the input of the model";
    BadLabels = "E0302", Invalid, "the labels do not fit the output of the model";
    BadDimension = "E0303", Invalid, "a dimension that was to be bound is not in the model";
    BadShape = "E0304", Invalid, "a shape that was given does not fit the model";
    BadConstant = "E0305", Invalid, "an input cannot be frozen to the array that was given";
    Internal = "E0901", Internal, "the compiler broke one of its own rules";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
