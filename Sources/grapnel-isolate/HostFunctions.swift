import CJavaScriptCore
import CSandbox
import Glibc

/// What the prelude asks of the process: `__host.post`, `random`, `milliseconds`, `encode`, `decode`, `parse`, and what
/// ``Cryptography`` adds.
enum HostFunctions {
    /// Whether posts are thrown away. The process has one thread.
    nonisolated(unsafe) static var isSilent = true

    static func install(in context: JSContextRef) {
        let holder = JSObjectMake(context, nil, nil)
        add("post", to: holder, context, post)
        add("random", to: holder, context, random)
        add("milliseconds", to: holder, context, milliseconds)
        add("encode", to: holder, context, encode)
        add("decode", to: holder, context, decode)
        add("parse", to: holder, context, parse)
        for (name, function) in Cryptography.functions { add(name, to: holder, context, function) }
        let name = JSStringCreateWithUTF8CString("__host")
        JSObjectSetProperty(
            context, JSContextGetGlobalObject(context), name, holder, JSPropertyAttributes(kJSPropertyAttributeNone),
            nil)
        JSStringRelease(name)
    }

    private static func add(
        _ name: String, to holder: JSObjectRef?, _ context: JSContextRef,
        _ function: @escaping JSObjectCallAsFunctionCallback
    ) {
        let key = JSStringCreateWithUTF8CString(name)
        let value = JSObjectMakeFunctionWithCallback(context, key, function)
        JSObjectSetProperty(context, holder, key, value, JSPropertyAttributes(kJSPropertyAttributeReadOnly), nil)
        JSStringRelease(key)
    }

    /// `post(kind, id, text, bytes)`
    private static let post: JSObjectCallAsFunctionCallback = { context, _, _, count, arguments, exception in
        guard let context, let arguments, count >= 3, let kind = arguments[0], let id = arguments[1],
            let value = arguments[2], let string = JSValueToStringCopy(context, value, exception)
        else { return nil }
        let text = Engine.utf8(string)
        JSStringRelease(string)
        let number = JSValueToNumber(context, id, nil)
        let kindNumber = JSValueToNumber(context, kind, nil)
        guard !isSilent, (0...255).contains(kindNumber), (0...4_294_967_295).contains(number) else {
            return JSValueMakeUndefined(context)
        }
        let bytes = count > 3 ? arguments[3].flatMap { TypedBytes.view($0, in: context) } : nil
        if FrameKind.endings.contains(UInt8(kindNumber)) {
            FrameSocket.keepEnding(UInt8(kindNumber), id: UInt32(number), text, bytes: bytes)
        } else {
            FrameSocket.send(UInt8(kindNumber), id: UInt32(number), text, bytes: bytes)
        }
        return JSValueMakeUndefined(context)
    }

    /// `random(count)`
    private static let random: JSObjectCallAsFunctionCallback = { context, _, _, count, arguments, _ in
        guard let context, let arguments, count >= 1, let argument = arguments[0] else { return nil }
        let wanted = JSValueToNumber(context, argument, nil)
        guard (0...65_536).contains(wanted) else { return JSValueMakeUndefined(context) }
        var bytes = [UInt8](repeating: 0, count: Int(wanted))
        guard grapnel_random(&bytes, bytes.count) else { _exit(71) }
        return TypedBytes.make(bytes, in: context)
    }

    /// `milliseconds()`
    private static let milliseconds: JSObjectCallAsFunctionCallback = { context, _, _, _, _, _ in
        JSValueMakeNumber(context, Double(grapnel_monotonic_milliseconds()))
    }

    /// `encode(text)`
    private static let encode: JSObjectCallAsFunctionCallback = { context, _, _, count, arguments, exception in
        guard let context, let arguments, count >= 1, let argument = arguments[0],
            let string = JSValueToStringCopy(context, argument, exception)
        else { return nil }
        defer { JSStringRelease(string) }
        return TypedBytes.make(Engine.utf8(string), in: context)
    }

    /// `decode(bytes)`: the text, or `undefined` when the bytes are not UTF-8.
    private static let decode: JSObjectCallAsFunctionCallback = { context, _, _, count, arguments, _ in
        guard let context, let arguments, count >= 1, let argument = arguments[0],
            let view = TypedBytes.view(argument, in: context)
        else { return nil }
        guard let text = String(validating: view, as: UTF8.self) else { return JSValueMakeUndefined(context) }
        // A zero would end a C string early.
        let string = view.contains(0) ? utf16(text) : Engine.string(Array(view))
        defer { JSStringRelease(string) }
        return JSValueMakeString(context, string)
    }

    private static func utf16(_ text: String) -> JSStringRef? {
        let units = Array(text.utf16)
        return JSStringCreateWithCharacters(units, units.count)
    }

    /// `parse(bytes)`: the value of JSON text.
    private static let parse: JSObjectCallAsFunctionCallback = { context, _, _, count, arguments, exception in
        guard let context, let arguments, count >= 1, let argument = arguments[0],
            let view = TypedBytes.view(argument, in: context)
        else { return nil }
        let string = Engine.string(Array(view))
        defer { JSStringRelease(string) }
        if let value = JSValueMakeFromJSONString(context, string) { return value }
        let message = JSStringCreateWithUTF8CString("the body is not JSON")
        var argumentsOfError: [JSValueRef?] = [JSValueMakeString(context, message)]
        JSStringRelease(message)
        exception?.pointee = JSObjectMakeError(context, 1, &argumentsOfError, nil)
        return nil
    }
}
