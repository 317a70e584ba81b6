use std::ops::Range;

use ir::Padding;

/// Elements in linear memory: the address of the first one and the distance, in elements, along each dimension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct View {
    /// Byte address of the element at the origin.
    pub address: u32,
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// Elements between neighbors along each dimension.
    pub strides: Vec<usize>,
    /// Zeros that surround rows and columns of a rank-4 view.
    pub border: Padding,
}

impl View {
    /// Whether the elements lie one after the other in row-major order.
    #[must_use]
    pub fn is_dense(&self) -> bool {
        is_dense(&self.shape, &self.strides)
    }

    /// Byte address of every element, in row-major order.
    pub fn addresses(&self) -> impl Iterator<Item = u64> + use<> {
        let rows = self.rows(0..self.shape.iter().product());
        rows.flat_map(|row| (0..row.length as u64).map(move |index| row.address + index * row.stride))
    }

    /// Some elements, in row-major order, as rows that are as long as can be.
    pub(crate) fn rows(&self, elements: Range<usize>) -> impl Iterator<Item = Row> + use<> {
        // Axes from `outer` on go on where the next one ends.
        let (mut outer, mut length, mut stride) = (self.shape.len(), 1, 1);
        while outer > 0 && (length == 1 || self.shape[outer - 1] == 1 || self.strides[outer - 1] == length * stride) {
            outer -= 1;
            if self.shape[outer] > 1 && length == 1 {
                stride = self.strides[outer];
            }
            length *= self.shape[outer];
        }
        let (start, shape, strides) = (self.address, self.shape[..outer].to_vec(), self.strides[..outer].to_vec());
        let mut at = elements.start;
        std::iter::from_fn(move || {
            if at >= elements.end {
                return None;
            }
            let (mut row, within) = (at / length, at % length);
            let mut offset = within * stride;
            for axis in (0..outer).rev() {
                offset += row % shape[axis] * strides[axis];
                row /= shape[axis];
            }
            let length = (length - within).min(elements.end - at);
            at += length;
            Some(Row { address: u64::from(start) + 4 * offset as u64, stride: 4 * stride as u64, length })
        })
    }

    /// Byte address of the element that lies last.
    pub(crate) fn last_address(&self) -> u64 {
        let reach = self.shape.iter().zip(&self.strides).map(|(size, stride)| (size - 1) as u64 * *stride as u64);
        u64::from(self.address) + 4 * reach.sum::<u64>()
    }

    /// The first and the last element that may lie in a range of addresses, and those between. Where the elements do not
    /// ascend in memory it may be all.
    pub(crate) fn elements_within(&self, addresses: &Range<u64>) -> Range<usize> {
        let elements: usize = self.shape.iter().product();
        let axes = || self.shape.iter().zip(&self.strides).filter(|(size, _)| **size > 1);
        let (start, last) = (u64::from(self.address), self.last_address());
        if addresses.end <= start || last < addresses.start {
            return 0..0;
        }
        let mut beyond = (last - start) / 4;
        let ascends = axes().all(|(size, stride)| {
            beyond -= (size - 1) as u64 * *stride as u64;
            beyond < *stride as u64
        });
        if !ascends {
            return 0..elements;
        }
        // The last element that does not lie after an address.
        let until = |address: u64| {
            let mut offset = address.saturating_sub(start) / 4;
            axes().fold(0, |element, (size, stride)| {
                let index = (offset / *stride as u64).min((size - 1) as u64);
                offset -= index * *stride as u64;
                element * size + index as usize
            })
        };
        until(addresses.start)..until(addresses.end - 1) + 1
    }

    /// Byte addresses of the border's elements of a rank-4 view, in no particular order.
    pub fn border_addresses(&self) -> impl Iterator<Item = u64> + use<> {
        self.border_rows().flat_map(|row| (0..row.length as u64).map(move |index| row.address + index * row.stride))
    }

    /// The border's elements of a rank-4 view, in no particular order: a row for each pixel.
    pub(crate) fn border_rows(&self) -> impl Iterator<Item = Row> + use<> {
        let ([n, h, w, c], [sn, sh, sw, sc]) = (four(&self.shape), four(&self.strides));
        let Padding { top, left, bottom, right } = self.border;
        let origin = u64::from(self.address) - 4 * (top * sh + left * sw) as u64;
        let (rows, columns) = (top + h + bottom, left + w + right);
        let pixels = (0..n).flat_map(move |image| {
            (0..rows).flat_map(move |row| {
                let inside = (top..top + h).contains(&row);
                // Of a row inside only the two ends.
                let (start, end) = if inside { (0..left, left + w..columns) } else { (0..columns, 0..0) };
                start.chain(end).map(move |column| [image, row, column])
            })
        });
        pixels.map(move |[image, row, column]| {
            let address = origin + 4 * (image * sn + row * sh + column * sw) as u64;
            Row { address, stride: 4 * sc as u64, length: c }
        })
    }
}

/// Elements at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Byte address of the first one.
    pub(crate) address: u64,
    /// Bytes from one to the next.
    pub(crate) stride: u64,
    pub(crate) length: usize,
}

/// Whether strides are those of row-major order; an axis of size 1 may have any.
pub(crate) fn is_dense(shape: &[usize], strides: &[usize]) -> bool {
    let mut expected = 1;
    for axis in (0..shape.len()).rev() {
        if shape[axis] != 1 && strides[axis] != expected {
            return false;
        }
        expected *= shape[axis];
    }
    true
}

pub(crate) fn four(sizes: &[usize]) -> [usize; 4] {
    sizes.try_into().expect("spatial operands have rank 4")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(shape: &[usize], strides: &[usize]) -> View {
        View { address: 64, shape: shape.to_vec(), strides: strides.to_vec(), border: Padding::ZERO }
    }

    #[test]
    fn rows_are_as_long_as_can_be() {
        let rows = |shape: &[usize], strides: &[usize], elements| {
            let row = |row: Row| (row.address, row.stride, row.length);
            view(shape, strides).rows(elements).map(row).collect::<Vec<_>>()
        };
        assert_eq!(rows(&[2, 3, 4], &[12, 4, 1], 0..24), [(64, 4, 24)]);
        assert_eq!(rows(&[2, 3, 4], &[12, 4, 1], 5..8), [(84, 4, 3)]);
        assert_eq!(rows(&[2, 3], &[10, 2], 0..6), [(64, 8, 3), (104, 8, 3)]);
        assert_eq!(rows(&[2, 3], &[10, 2], 2..4), [(80, 8, 1), (104, 8, 1)]);
        assert_eq!(rows(&[3, 1], &[2, 9], 0..3), [(64, 8, 3)]);
        assert_eq!(rows(&[], &[], 0..1), [(64, 4, 1)]);
    }

    /// Every element of the window is among those that are answered, and few others.
    #[test]
    fn a_window_of_addresses_is_a_range_of_elements() {
        let views = [view(&[3, 4, 5], &[40, 8, 1]), view(&[3, 4, 5], &[20, 5, 1]), view(&[7], &[3]), view(&[], &[])];
        for view in views {
            let addresses: Vec<u64> = view.addresses().collect();
            for (start, length) in (0..100).flat_map(|start| [4, 12, 64, 4000].map(|length| (40 + 4 * start, length))) {
                let window = start..start + length;
                let found = view.elements_within(&window);
                let inside = (0..addresses.len()).filter(|element| window.contains(&addresses[*element]));
                assert!(inside.clone().all(|element| found.contains(&element)), "{view:?} {window:?} {found:?}");
                assert!(found.len() <= inside.count() + 1, "{view:?} {window:?} {found:?}");
            }
        }
        let backwards = view(&[2, 3], &[1, 2]);
        assert_eq!(backwards.elements_within(&(64..68)), 0..6);
        assert_eq!(backwards.elements_within(&(0..64)), 0..0);
    }
}
