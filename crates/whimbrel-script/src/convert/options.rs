//! The BSON options of an operation, as the façade hands them over: one bit each.

/// Which of the driver's BSON options are on. The bits are the façade's (`js/driver/options.js`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BsonOptions(u32);

impl BsonOptions {
    /// From the façade's number.
    pub(crate) fn new(bits: u32) -> Self {
        Self(bits)
    }

    fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    /// Fields that are `undefined` are left out instead of written as null.
    pub(crate) fn ignores_undefined(self) -> bool {
        self.has(1)
    }

    /// Functions are written as code instead of left out.
    pub(crate) fn serializes_functions(self) -> bool {
        self.has(2)
    }

    /// int64 becomes a number where a number holds it exactly.
    pub(crate) fn promotes_longs(self) -> bool {
        !self.has(4) && self.promotes_values()
    }

    /// int32, double and symbol become the language's own types.
    pub(crate) fn promotes_values(self) -> bool {
        !self.has(8)
    }

    /// int64 becomes a BigInt.
    pub(crate) fn uses_big_int(self) -> bool {
        self.has(16)
    }

    /// Binary values become Buffers.
    pub(crate) fn promotes_buffers(self) -> bool {
        self.has(32) && self.promotes_values()
    }

    /// Regular expressions become `BSONRegExp`.
    pub(crate) fn keeps_bson_reg_exp(self) -> bool {
        self.has(64)
    }

    /// Documents stay bytes.
    pub(crate) fn is_raw(self) -> bool {
        self.has(128)
    }

    /// Keys with a dot, or a dollar in front, are refused.
    pub(crate) fn checks_keys(self) -> bool {
        self.has(256)
    }

    /// Text that is not UTF-8 is mended instead of refused.
    pub(crate) fn mends_text(self) -> bool {
        self.has(512)
    }

    /// Those under which a `DBRef` is written.
    pub(crate) fn of_reference(self) -> Self {
        Self((self.0 | 1) & !256)
    }
}
