import CJavaScriptCore
import Glibc

/// Bytes as a `Uint8Array`.
enum TypedBytes {
    /// An array that owns a copy of `bytes`.
    static func make(_ bytes: [UInt8], in context: JSContextRef) -> JSObjectRef? {
        guard !bytes.isEmpty else {
            return JSObjectMakeTypedArray(context, kJSTypedArrayTypeUint8Array, 0, nil)
        }
        guard let memory = malloc(bytes.count) else { return nil }
        bytes.withUnsafeBytes { buffer in
            if let base = buffer.baseAddress { memcpy(memory, base, buffer.count) }
        }
        return JSObjectMakeTypedArrayWithBytesNoCopy(
            context, kJSTypedArrayTypeUint8Array, memory, bytes.count, { memory, _ in free(memory) }, nil, nil)
    }

    /// The memory of a typed array; valid until JavaScript runs again. `nil` for any other value.
    static func view(_ value: JSValueRef, in context: JSContextRef) -> UnsafeRawBufferPointer? {
        guard JSValueGetTypedArrayType(context, value, nil) == kJSTypedArrayTypeUint8Array,
            let object = JSValueToObject(context, value, nil)
        else { return nil }
        let count = JSObjectGetTypedArrayByteLength(context, object, nil)
        let offset = JSObjectGetTypedArrayByteOffset(context, object, nil)
        guard let buffer = JSObjectGetTypedArrayBuffer(context, object, nil),
            let base = JSObjectGetArrayBufferBytesPtr(context, buffer, nil)
        else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + offset, count: count)
    }
}
