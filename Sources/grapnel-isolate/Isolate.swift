import CSandbox
import Glibc

/// A forked child: takes on the sandbox, says that it is ready, then loads one bundle and runs one event at a time.
struct Isolate {
    private let engine: Engine
    /// Whether the timer of processor time runs for the next run already.
    private var isArmed = false

    init(engine: Engine) {
        self.engine = engine
    }

    /// Serves until the hub closes the socket.
    mutating func run(memoryBudget: UInt64) {
        var errors = [Int32](repeating: 0, count: Int(GRAPNEL_LAYER_COUNT.rawValue))
        grapnel_enter_sandbox(memoryBudget, &errors)
        grapnel_seal_sandbox(&errors)
        // Touches the pages that a run needs, now that nobody waits.
        engine.warmUp(isZygote: false)
        engine.warmUp(isZygote: false)
        FrameSocket.send(FrameKind.ready, errors.flatMap { Wire.bytes(UInt32(bitPattern: $0)) })
        engine.isSilent = false
        var timeout: Int32 = -1
        while true {
            if let frame = FrameSocket.receive(timeout: timeout) { take(frame) }
            timeout = engine.tick()
            FrameSocket.sendEnding()
        }
    }

    private mutating func take(_ frame: FrameSocket.Frame) {
        let payload = frame.payload
        switch frame.kind {
        case FrameKind.load:
            // What stands at the top of the code counts to its first run.
            grapnel_arm_cpu_timer(Wire.uint64(payload, at: 0))
            isArmed = true
            let (meta, source) = Isolate.split(Array(payload[8...]))
            engine.load(meta: meta, source: source)
        case FrameKind.run:
            if !isArmed { grapnel_arm_cpu_timer(Wire.uint64(payload, at: 0)) }
            isArmed = false
            let (meta, rest) = Isolate.split(Array(payload[8...]))
            let (value, raw) = Isolate.split(rest)
            engine.run(meta: meta, value: value, raw: raw)
        case FrameKind.settle:
            let form = payload.first ?? 0
            let (text, bytes) = Isolate.split(Array(payload.dropFirst()))
            engine.settle(id: frame.id, form: form, text: text, bytes: bytes)
        default: _exit(65)
        }
    }

    /// A text with its length before it, and what follows.
    private static func split(_ payload: [UInt8]) -> ([UInt8], [UInt8]) {
        guard payload.count >= 4 else { _exit(65) }
        let count = Int(Wire.uint32(payload, at: 0))
        guard payload.count >= 4 + count else { _exit(65) }
        return (Array(payload[4..<(4 + count)]), Array(payload[(4 + count)...]))
    }
}
