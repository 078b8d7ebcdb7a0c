// swift-tools-version:6.3
import PackageDescription

// One array for every Swift target: the language the whole project is written in.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let whole: [SwiftSetting] = [.unsafeFlags(["-static-stdlib"])]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// The targets stand in the order in which an event meets them; `TidyTests` holds each one to its imports.
let package = Package(
    name: "grapnel",
    products: [
        .executable(name: "grapnel", targets: ["grapnel"]),
        .executable(name: "grapnel-isolate", targets: ["grapnel-isolate"]),
        .executable(name: "grapnel-bench", targets: ["grapnel-bench"]),
        .executable(name: "grapnel-new-customer", targets: ["grapnel-new-customer"]),
        .library(name: "GrapnelHandler", targets: ["GrapnelHandler"]),
        // Loaded into a hub under test, whose disk then fails when a test says so.
        .library(name: "FaultPreload", type: .dynamic, targets: ["FaultPreload"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    ],
    targets: [
        // System libraries and C shims.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CJavaScriptCore", pkgConfig: "javascriptcoregtk-4.1",
            providers: [.apt(["libjavascriptcoregtk-4.1-dev"])]),
        .target(name: "CSandbox", linkerSettings: [.linkedLibrary("seccomp")]),
        .target(name: "CPrelude"),
        .target(name: "CConnectors"),

        // The way of an event.
        .target(name: "GrapnelCore", swiftSettings: settings),
        .target(name: "GrapnelCrypto", dependencies: ["GrapnelCore", "COpenSSL"], swiftSettings: settings),
        .target(
            name: "GrapnelFormat", dependencies: ["GrapnelCore", "GrapnelCrypto", yams], swiftSettings: settings),
        .target(
            name: "GrapnelQueue", dependencies: ["GrapnelCore", grdb, grdbSQLite, lifecycle, logging],
            swiftSettings: settings),
        .target(
            name: "GrapnelIngest",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue",
                hummingbird, hummingbirdCore, httpTypes, lifecycle, logging, nioCore, nioPosix,
            ], swiftSettings: settings),
        .target(
            name: "GrapnelRun",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue", "CSandbox", lifecycle, logging,
                subprocess,
            ], swiftSettings: settings),
        .target(
            name: "GrapnelSend",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue", "CCurl", lifecycle, logging,
            ], swiftSettings: settings),
        .target(
            name: "GrapnelWeb",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue",
                hummingbird, hummingbirdCore, httpTypes, lifecycle, logging, nioCore, nioPosix,
            ], swiftSettings: settings),
        .target(
            name: "GrapnelEmulator",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat",
                hummingbird, hummingbirdCore, httpTypes, lifecycle, logging, nioCore, nioPosix,
            ], swiftSettings: settings),
        // For handlers that are Swift programs, and one of them, linked whole: its sandbox has no toolchain.
        .target(name: "GrapnelHandler", swiftSettings: settings),
        .executableTarget(
            name: "grapnel-new-customer", dependencies: ["GrapnelHandler"], path: "recipes/new-customer",
            exclude: ["README.md", "recipe.yaml", "tests"], swiftSettings: settings + whole,
            linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
        .executableTarget(
            name: "grapnel",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue", "GrapnelIngest", "GrapnelRun",
                "GrapnelSend", "GrapnelWeb", "GrapnelEmulator", "CConnectors", "CCurl",
                argumentParser, lifecycle, logging, unixSignals,
            ], swiftSettings: settings),
        .executableTarget(
            name: "grapnel-isolate", dependencies: ["CJavaScriptCore", "COpenSSL", "CPrelude", "CSandbox"],
            swiftSettings: settings),

        .executableTarget(
            name: "grapnel-bench",
            dependencies: ["GrapnelCore", "GrapnelCrypto", "GrapnelQueue", "GrapnelRun", argumentParser, logging],
            swiftSettings: settings),

        // Tests, one target for each target above, and what spans them.
        .target(name: "TestSupport", dependencies: ["GrapnelCore"], path: "Tests/TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "handler-probe", dependencies: ["GrapnelHandler"], path: "Tests/HandlerProbe",
            swiftSettings: settings),
        .testTarget(name: "GrapnelCoreTests", dependencies: ["GrapnelCore", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "GrapnelCryptoTests", dependencies: ["GrapnelCore", "GrapnelCrypto", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "GrapnelFormatTests",
            dependencies: ["GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "GrapnelQueueTests",
            dependencies: ["GrapnelCore", "GrapnelQueue", "TestSupport", grdb, lifecycle, logging],
            exclude: ["Golden"], swiftSettings: settings),
        .testTarget(
            name: "GrapnelIngestTests",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue", "GrapnelIngest", "TestSupport",
                hummingbird, httpTypes, lifecycle, logging, nioCore,
            ], swiftSettings: settings),
        .testTarget(
            name: "GrapnelRunTests",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue", "GrapnelRun", "TestSupport",
                "CSandbox", "grapnel-isolate", "handler-probe", "sandbox-probe", lifecycle, logging, subprocess,
            ], swiftSettings: settings),
        .testTarget(
            name: "GrapnelSendTests",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue", "GrapnelSend", "TestSupport",
                lifecycle, logging, nioCore, nioPosix,
            ], swiftSettings: settings),
        .testTarget(
            name: "GrapnelEmulatorTests",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelEmulator", "TestSupport", lifecycle, logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "GrapnelWebTests",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue", "GrapnelWeb", "TestSupport",
                hummingbird, lifecycle, logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "GrapnelTests",
            dependencies: ["GrapnelCore", "GrapnelCrypto", "GrapnelQueue", "TestSupport", "grapnel", logging],
            swiftSettings: settings),
        .target(name: "FaultPreload", path: "Tests/FaultPreload"),
        .target(name: "FaultVFS", path: "Tests/FaultVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .testTarget(
            name: "DiskTests",
            dependencies: ["FaultVFS", "GrapnelCore", "GrapnelQueue", "TestSupport", grdbSQLite, lifecycle, logging],
            swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelSend", "GrapnelEmulator", "TestSupport",
                "grapnel", "grapnel-isolate", grdb, logging, subprocess,
            ],
            swiftSettings: settings),
        // The hub on one simulated thread, and the program that runs it from seeds.
        .target(
            name: "GrapnelSimulation",
            dependencies: [
                "GrapnelCore", "GrapnelFormat", "GrapnelQueue", "GrapnelIngest", "GrapnelRun", "GrapnelSend",
                "TestSupport", grdb, grdbSQLite, lifecycle, logging,
            ], path: "Tests/Simulation", exclude: ["Bugs", "planted-bugs.py"], swiftSettings: settings),
        .executableTarget(
            name: "grapnel-simulate", dependencies: ["GrapnelSimulation", argumentParser], path: "Tests/Simulate",
            swiftSettings: settings),
        .testTarget(
            name: "SimulationTests", dependencies: ["TestSupport", "grapnel-simulate", subprocess],
            swiftSettings: settings),
        .executableTarget(name: "sandbox-probe", dependencies: ["CSandbox"], path: "Tests/SandboxProbe"),
        .testTarget(
            name: "TidyTests", dependencies: ["CConnectors", "TestSupport", subprocess], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu2x
)

// libFuzzer comes with the compiler's sanitizer alone, so what needs it is built by `make fuzz` only.
if Context.environment["GRAPNEL_FUZZ"] != nil {
    package.products.append(.executable(name: "grapnel-fuzz", targets: ["grapnel-fuzz"]))
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
        .executableTarget(
            name: "grapnel-fuzz", dependencies: ["GrapnelRun", "CFuzzer"], path: "Tests/Fuzzing/grapnel-fuzz"),
    ]
}
