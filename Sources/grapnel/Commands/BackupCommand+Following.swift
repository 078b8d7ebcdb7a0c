import ArgumentParser
import Glibc
import GrapnelCore

extension BackupCommand {
    /// The folder when none is named.
    private static let folder = "grapnel-follow"
    /// The least that `--every` may be.
    private static let leastEvery = Duration.milliseconds(100)

    /// `--follow`: until Ctrl-C or SIGTERM.
    static func follow(_ command: Make) throws {
        umask(0o077)
        guard command.hub.url == nil else {
            throw ValidationError("A hub is followed on its own machine: leave --url out.")
        }
        var settings = FollowSettings()
        guard let interval = Duration(text: command.every), interval >= leastEvery else {
            throw ValidationError("--every takes a duration of at least \(leastEvery.text), such as 1s.")
        }
        guard let age = Duration(text: command.newCopyEvery), age >= .seconds(60) else {
            throw ValidationError("--new-copy-every takes a duration of at least 1m, such as 24h.")
        }
        settings.every = interval
        settings.newCopyEvery = age
        Interruption.listen()
        let clock = SystemClock()
        let follower = try Follower(
            paths: command.hub.paths, environment: HubOptions.environment, folder: command.file ?? folder,
            settings: settings,
            clock: clock,
            report: FollowReport(isJSON: command.output.json, clock: clock, print: { Terminal.print($0) }),
            isStopped: { Interruption.isRequested })
        follower.run { duration in
            // A signal ends it early.
            poll(nil, 0, Int32(clamping: duration.milliseconds))
        }
    }
}
