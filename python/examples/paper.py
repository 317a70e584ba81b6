"""The call of the paper's first experiment: mean and median of 60 values, while the function is replaced.

    python paper.py stats.wasm [NEW.wasm]
"""

import sys

import wasmtube

VALUES = [
    127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62, 122, 79, 77, 73,
    82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92, 106, 108, 106, 126, 143, 72, 96,
    46, 108, 119, 148, 119, 123, 145,
]  # fmt: skip


def main(files):
    with wasmtube.Slot(files[0]) as slot:
        print(slot.call("calc_stats", {"values": VALUES}))
        for file in files[1:]:
            slot.publish(file)
            print(slot.call("calc_stats", {"values": VALUES}))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1:])
    except wasmtube.Error as error:
        sys.exit(f"{error.code}: {error}")
