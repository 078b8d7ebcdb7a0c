import CFuzzer
import Glibc
import GrapnelRun

// grapnel-fuzz <target> [libFuzzer's options and folders]: feeds the readers of what isolates and programs say with
// whatever libFuzzer can think of. Everything but a returned or a thrown value is a finding.

/// What an isolate sends, in pieces as a socket may give them.
func frames(_ bytes: [UInt8]) {
    guard let piece = bytes.first.map({ Int($0) + 1 }) else { return }
    var decoder = FrameDecoder()
    var rest = bytes.dropFirst()
    while !rest.isEmpty {
        decoder.append(rest.prefix(piece))
        rest = rest.dropFirst(piece)
        do {
            while let frame = try decoder.next() { _ = try? IsolateMessage(frame) }
        } catch { return }
    }
}

/// What a program writes, line by line.
func lines(_ bytes: [UInt8]) {
    guard let piece = bytes.first.map({ Int($0) + 1 }) else { return }
    var decoder = LineDecoder(longest: 4096)
    var rest = bytes.dropFirst()
    while !rest.isEmpty {
        decoder.append(rest.prefix(piece))
        rest = rest.dropFirst(piece)
        do {
            while let line = try decoder.next() { _ = try? ProcessMessage.parse(line) }
        } catch { return }
    }
}

nonisolated(unsafe) var read = frames

let targets = ["frames": frames, "lines": lines]
guard let name = CommandLine.arguments.dropFirst().first, let target = targets[name] else {
    print("usage: grapnel-fuzz \(targets.keys.sorted().joined(separator: "|")) [options of libFuzzer] [corpus]")
    exit(64)
}
read = target
// libFuzzer takes the arguments without the name of the target.
var arguments = ([CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)).map { strdup($0) }
var count = Int32(arguments.count)
arguments.append(nil)
arguments.withUnsafeMutableBufferPointer { buffer in
    var pointer = buffer.baseAddress
    exit(
        LLVMFuzzerRunDriver(&count, &pointer) { bytes, size in
            read(Array(UnsafeBufferPointer(start: bytes, count: size)))
            return 0
        })
}
