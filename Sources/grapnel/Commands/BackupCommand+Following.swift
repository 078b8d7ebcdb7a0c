import ArgumentParser
import Glibc
import GrapnelCore

extension BackupCommand.Make {
    /// The folder when none is named.
    private static let folder = "grapnel-follow"
    /// The least that `--every` may be.
    private static let leastEvery = Duration.milliseconds(100)

    /// `--follow`: until Ctrl-C or SIGTERM.
    func runFollowing() throws {
        umask(0o077)
        guard hub.url == nil else {
            throw ValidationError("A hub is followed on its own machine: leave --url out.")
        }
        var settings = FollowSettings()
        guard let interval = Duration(text: every), interval >= Self.leastEvery else {
            throw ValidationError("--every takes a duration of at least \(Self.leastEvery.text), such as 1s.")
        }
        guard let age = Duration(text: newCopyEvery), age >= .seconds(60) else {
            throw ValidationError("--new-copy-every takes a duration of at least 1m, such as 24h.")
        }
        settings.every = interval
        settings.newCopyEvery = age
        Interruption.listen()
        let clock = SystemClock()
        let follower = try Follower(
            paths: hub.paths, environment: HubOptions.environment, folder: file ?? Self.folder, settings: settings,
            clock: clock, report: FollowReport(isJSON: output.json, clock: clock),
            isStopped: { Interruption.isRequested })
        follower.run { duration in
            // A signal ends it early.
            poll(nil, 0, Int32(clamping: duration.milliseconds))
        }
    }
}
