import CJavaScriptCore

/// The arguments of a call from the prelude, which gives strings, numbers and arrays of bytes only: reading them runs
/// no JavaScript.
struct HostArguments {
    let context: JSContextRef
    private let values: UnsafeBufferPointer<JSValueRef?>

    init?(_ context: JSContextRef?, _ count: Int, _ values: UnsafePointer<JSValueRef?>?) {
        guard let context else { return nil }
        self.context = context
        self.values = UnsafeBufferPointer(start: values, count: values == nil ? 0 : count)
    }

    /// The string at `index`; `nil` for any other value.
    func text(_ index: Int) -> String? {
        guard let value = value(index), JSValueIsString(context, value) else { return nil }
        return Engine.text(value, context)
    }

    /// The whole number at `index`; `nil` for any other value.
    func number(_ index: Int) -> Int? {
        guard let value = value(index), JSValueIsNumber(context, value) else { return nil }
        return Int(exactly: JSValueToNumber(context, value, nil))
    }

    /// The bytes of the `Uint8Array` at `index`, valid until the call returns; `nil` for any other value.
    func bytes(_ index: Int) -> UnsafeRawBufferPointer? {
        value(index).flatMap { TypedBytes.view($0, in: context) }
    }

    /// What the call returns: bytes, or `undefined`.
    func answer(_ bytes: [UInt8]?) -> JSValueRef? {
        guard let bytes else { return JSValueMakeUndefined(context) }
        return TypedBytes.make(bytes, in: context)
    }

    /// What the call returns: a boolean, or `undefined`.
    func answer(_ isTrue: Bool?) -> JSValueRef? {
        guard let isTrue else { return JSValueMakeUndefined(context) }
        return JSValueMakeBoolean(context, isTrue)
    }

    private func value(_ index: Int) -> JSValueRef? {
        index < values.count ? values[index] : nil
    }
}
