import GrapnelCore
package import GrapnelFormat
import GrapnelQueue

/// The types of what a handler is given, as TypeScript declares them: `grapnel.d.ts` of a recipe's folder.
package struct HandlerTypes: Sendable {
    /// The file that is written.
    package static let fileName = "grapnel.d.ts"

    private let manifest: RecipeManifest
    /// The operations of `uses:`, by `connection.operation`.
    private let operations: [String: OperationDefinition]

    /// - Parameters:
    ///   - manifest: Of the recipe.
    ///   - operation: Finds an operation of a connection; one that is not there is left out.
    package init(
        manifest: RecipeManifest, operation: (_ connection: String, _ operation: String) -> OperationDefinition?
    ) {
        self.manifest = manifest
        var operations: [String: OperationDefinition] = [:]
        for (connection, names) in manifest.uses {
            for name in names { operations["\(connection).\(name)"] = operation(connection, name) }
        }
        self.operations = operations
    }

    /// The text of the file.
    package var declarations: String {
        HandlerTypes.platform + """

            /** The event that the handler is called with. */
            export interface Event {
              readonly id: string
              readonly type: \(eventTypes)
              readonly source: \(HandlerTypes.words(sources))
              /** RFC 3339, in UTC. */
              readonly receivedAt: string
              /** Names in lower case. */
              readonly headers: Readonly<Record<string, string>>
              readonly query: Readonly<Record<string, string | string[]>>
              /** The parsed body. */
              readonly body: any
              /** The exact bytes. */
              readonly raw: Uint8Array
              /** Why a JSON body could not be parsed. */
              readonly parseError?: string
              /** The run that a person replayed. */
              readonly replayOf?: string
            \(manifest.flow.batch == nil ? "" : HandlerTypes.batch)}

            /** `variables:` of recipe.yaml. */
            export interface Environment {
            \(manifest.variables.keys.sorted().map { "  readonly \(TypeScriptType.name($0)): string\n" }.joined())}

            /** What each operation takes. */
            export interface Inputs {
            \(members { "\(TypeScriptType.of(schema: $0.input.definition, indent: 1))" })}

            /** What each operation answers, as far as its sample shows. */
            export interface Outputs {
            \(members { HandlerTypes.output(of: $0) })}

            /** Operations that are awaited, now. */
            export interface Call {
            \(functions("CallOptions") { "Promise<Outputs[\($0)]>" })}

            /** Operations that are left behind, and delivered when the run has succeeded. */
            export interface Send {
            \(functions("SendOptions") { _ in "void" })}

            export {}

            """
    }

    /// The settings of an editor for the folder: the name of the file, and its text.
    package var settings: (fileName: String, text: String) {
        let isTypeScript = manifest.handler.hasSuffix(".ts")
        var options = JSONObject([
            ("target", "ES2022"), ("module", "ES2022"), ("moduleResolution", "node"), ("lib", ["ES2022", "DOM"]),
            ("types", []), ("strict", true), ("noEmit", true), ("esModuleInterop", true), ("resolveJsonModule", true),
            ("skipLibCheck", true), ("paths", ["_shared/*": ["../_shared/*"]]),
        ])
        if !isTypeScript {
            options.append("allowJs", true)
            options.append("checkJs", true)
            options.append("noImplicitAny", false)
        }
        let settings: JSON = [
            "compilerOptions": .object(options),
            "include": isTypeScript ? ["**/*.ts"] : ["**/*.js", "**/*.ts"], "exclude": ["node_modules"],
        ]
        return (
            isTypeScript ? "tsconfig.json" : "jsconfig.json",
            String(decoding: JSONWriter.bytes(settings, style: .indented), as: UTF8.self) + "\n"
        )
    }

    /// The sources that `on:` names, and the recipe's own schedule.
    private var sources: Set<String> {
        Set(manifest.triggers.map(\.source)).union(manifest.schedules.isEmpty ? [] : [manifest.scheduleSource])
    }

    /// The member that the event of a recipe with `batch:` has.
    private static let batch = """
          /** All events of the batch, this one first, in the order in which they came. */
          readonly batch: readonly Omit<Event, 'batch' | 'replayOf'>[]

        """

    /// The types of events that `on:` names, when it names every one.
    private var eventTypes: String {
        let patterns = manifest.triggers.flatMap(\.events)
        let isOpen = patterns.contains { !$0.isExact } || manifest.triggers.contains { $0.events.isEmpty }
        let ticks: Set<String> = manifest.schedules.isEmpty ? [] : [ScheduleTick.type, ScheduleTick.plannedType]
        return isOpen ? "string" : HandlerTypes.words(Set(patterns.map(\.description)).union(ticks))
    }

    private static func words(_ words: Set<String>) -> String {
        words.isEmpty ? "string" : words.sorted().map { JSONWriter.text(.string($0)) }.joined(separator: " | ")
    }

    private func members(_ type: (OperationDefinition) -> String) -> String {
        operations.sorted { $0.key < $1.key }.map { name, operation in
            "  \(JSONWriter.text(.string(name))): \(type(operation))\n"
        }.joined()
    }

    private func functions(_ options: String, returning type: (_ key: String) -> String) -> String {
        manifest.uses.sorted { $0.key < $1.key }.map { connection, names in
            let functions = names.sorted().compactMap { name -> String? in
                guard let operation = operations["\(connection).\(name)"] else { return nil }
                let key = JSONWriter.text(.string("\(connection).\(name)"))
                let isOptional = (operation.input.definition["required"]?.array ?? []).isEmpty
                return TypeScriptType.comment(operation.summary, indent: 2)
                    + "    \(TypeScriptType.name(name))(input\(isOptional ? "?" : ""): Inputs[\(key)], options?: \(options)): \(type(key))\n"
            }
            return "  readonly \(TypeScriptType.name(connection)): {\n\(functions.joined())  }\n"
        }.joined()
    }

    private static func output(of operation: OperationDefinition) -> String {
        guard let output = try? operation.sampleOutput() else { return "any" }
        guard let listed = operation.response.output?.definition.object, let members = output.object?.members else {
            return TypeScriptType.like(output, indent: 1)
        }
        // What an operation lists as its output has no other members; the whole body may be anything.
        let lines = members.map { member in
            let isBody = listed[member.key]?.string == "{body}"
            return "    \(TypeScriptType.name(member.key)): "
                + (isBody ? "any" : TypeScriptType.like(member.value, indent: 2))
        }
        return lines.isEmpty ? "{}" : "{\n\(lines.joined(separator: "\n"))\n  }"
    }

    /// What is the same for every recipe.
    private static let platform = """
        // Written by `grapnel types` from recipe.yaml and the connectors; write it anew when they change.
        //
        // In a .js handler:  /** @type {import('./grapnel').Handler} */
        // In a .ts handler:  import type { Handler } from './grapnel'

        /** The default export of a handler. */
        export type Handler = (event: Event, context: Context) => unknown

        /** The second argument of a handler. */
        export interface Context {
          readonly call: Call
          readonly send: Send
          /** Leaves an event behind, of the source `recipe:<name>`. */
          emit(type: string, data?: unknown, options?: EmitOptions): void
          readonly kv: KeyValues
          readonly log: Log
          readonly env: Environment
          /** Reaches the `hosts:` of recipe.yaml; not in the ledger. */
          readonly fetch: typeof globalThis.fetch
          readonly run: Run
        }

        export interface Run {
          readonly id: string
          /** 1 is the first. */
          readonly attempt: number
          readonly recipe: string
          readonly version: string
          /** When the attempt will be stopped: RFC 3339, in UTC. */
          readonly deadline: string
        }

        /** Milliseconds, or a text such as `30s`, `10m`, `2h`, `7d`. */
        export type Duration = number | string

        export interface CallOptions {
          /** Names the step, in place of its number. */
          key?: string
          timeout?: Duration
        }

        export interface SendOptions {
          /** Names the step, in place of its number. */
          key?: string
          delay?: Duration
        }

        export interface EmitOptions {
          /** Names the event, in place of its number. */
          key?: string
          /** How long the runs of the event wait. */
          delay?: Duration
          /** When they begin, in place of `delay`. */
          at?: Date | number | string
        }

        /** The recipe's durable store. A write is committed with the run, unless `now` is true. */
        export interface KeyValues {
          get(key: string): Promise<any>
          getEntry(key: string): Promise<{ value: any; version: number }>
          /** Resolves with the version that was written. */
          set(key: string, value: unknown, options?: { ttl?: Duration; ifVersion?: number; now?: boolean }): Promise<number>
          delete(key: string, options?: { now?: boolean }): Promise<unknown>
          list(prefix?: string): Promise<any[]>
          increment(key: string, by?: number, options?: { now?: boolean }): Promise<number>
        }

        /** Lines that are kept with the attempt. */
        export interface Log {
          debug(message: unknown, fields?: object): void
          info(message: unknown, fields?: object): void
          warn(message: unknown, fields?: object): void
          error(message: unknown, fields?: object): void
        }

        declare global {
          /** An operation did not succeed. */
          class CallError extends Error {
            readonly status: number | null
            readonly code: string
            readonly retryable: boolean
            readonly outcome: string
            readonly retryAfter: number | null
          }
          /** Ends the run as dead: trying again cannot help. */
          class Discard extends Error {}
          /** Tries the run again after a time. */
          class RetryAfter extends Error {
            constructor(delay: Duration, message?: string)
          }
        }

        """
}
