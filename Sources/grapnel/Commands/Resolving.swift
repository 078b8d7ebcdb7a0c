import ArgumentParser
import GrapnelCore

/// Resolves by id: what `grapnel resolve`, `grapnel effects resolve` and `grapnel effects resend` have in common.
enum Resolving {
    static func resolve(
        _ ids: [String], _ choice: EffectChoice, recorded: String?, _ hub: HubOptions, _ output: OutputOptions
    ) throws {
        var document = JSONObject([("choice", .string(choice.rawValue))])
        if let recorded {
            guard let value = try? JSONParser.parse(recorded) else {
                throw ValidationError("--recorded is not JSON.")
            }
            document["output"] = value
        }
        let effects = try ids.map { try hub.client.post("/v1/effects/\($0)/resolve", .object(document)) }
        if output.printed(effects.count == 1 ? effects[0] : .array(effects)) { return }
        for effect in effects { Story.print(effect: effect, indent: "") }
    }
}
