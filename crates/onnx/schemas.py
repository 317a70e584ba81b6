"""Writes schemas.txt: what the ONNX specification says of each operator of its own domain, one line a version.

    pip install onnx numpy && python schemas.py > schemas.txt

    NAME SINCE : INPUTS -> OUTPUTS : ATTRIBUTES

`SINCE` is the first operator set of this version. An input or output is `x`, or `x?` if it may be left out, or `x*` for
any number of them and `x+` for at least one. An attribute is `name:type`, `name:type!` if it must be given, or
`name:type=default`. An operator that the specification withdrew has `deprecated` in place of all this.
"""

import numpy
from onnx import defs, helper

OLDEST = 7


def value(parameter):
    """An input or output."""
    match parameter.option.name:
        case "Single":
            return parameter.name
        case "Optional":
            return parameter.name + "?"
        case "Variadic":
            return parameter.name + ("+" if parameter.min_arity > 0 else "*")


def text(default):
    """The default of an attribute as Rust writes it, without spaces."""
    match default:
        case bytes():
            return default.decode()
        case float():
            return str(numpy.float32(default))
        case int():
            return str(default)
        case [*items]:
            return "[" + ",".join(map(text, items)) + "]"
    raise TypeError(default)


def attribute(declared):
    kind = f"{declared.name}:{declared.type.name.lower()}"
    if declared.required:
        return kind + "!"
    if declared.default_value.type:
        return f"{kind}={text(helper.get_attribute_value(declared.default_value))}"
    return kind


def line(schema):
    if schema.deprecated:
        return f"{schema.name} {schema.since_version} : deprecated"
    inputs = " ".join(map(value, schema.inputs))
    outputs = " ".join(map(value, schema.outputs))
    attributes = " ".join(attribute(schema.attributes[name]) for name in sorted(schema.attributes))
    return " ".join(f"{schema.name} {schema.since_version} : {inputs} -> {outputs} : {attributes}".split())


versions = {}
for schema in defs.get_all_schemas_with_history():
    if schema.domain == "":
        versions.setdefault(schema.name, []).append(schema)
for name in sorted(versions):
    schemas = sorted(versions[name], key=lambda schema: schema.since_version)
    newer = [schema.since_version for schema in schemas[1:]] + [OLDEST + 1]
    for schema, next_version in zip(schemas, newer):
        if next_version > OLDEST or schema is schemas[-1]:
            print(line(schema))
