/// A run like most, made in the zygote and in each new child before anybody waits: what it touches is compiled and in
/// memory when the first real one comes. It comes by the same way, as text that is parsed and an event of some
/// kilobytes. What a child touches is a child's own memory, so it has only what nearly every handler needs.
enum SampleRun {
    static let load = Array(
        #"{"fileName":"sample.js","style":"grapnel","environment":{"MODE":"warm"},"connections":{"sample":["read","write"]}}"#
            .utf8)
    static let run = Array(
        (#"{"bodyKind":"json","event":{"id":"evt_0","type":"issues.opened","source":"github","receivedAt":"","#
            + #""headers":{"content-type":"application/json"},"query":{}},"run":{"id":"run_0","attempt":1}}"#).utf8)

    /// About as much code as a small recipe has.
    static let source: [UInt8] = {
        var text = ""
        for number in 0..<20 {
            text += "function part\(number)(list, mark) { return list.map((each) => each.id * \(number))"
            text += ".filter(Boolean).join(mark || ',') }\n"
        }
        text += """
            var __mod = { default: async function (event, { call, send, log, env, run: about }) {
              const { issue, repository: { full_name: name }, ...rest } = event.body
              const labels = issue.labels.map((label) => label.name).filter((each) => !each.endsWith('7')).join(', ')
              const text = `#${issue.number} ${issue.title.slice(0, 80)} ${labels.slice(0, 200)}`
              const lines = Object.entries(rest).map(([key, value], index) => `${index}. *${key}*: ${value}`)
              const answer = await call.sample.read({ id: issue.number })
              log.info('warm', { name, parts: part1(issue.labels).length })
              send.sample.write({ text: `${text} ${lines.join()} ${env.MODE} ${about.id} ${answer?.ok}` })
              return { told: issue.number }
            } }
            """
        return Array(text.utf8)
    }()

    static let event: [UInt8] = {
        var text =
            #"{"action":"opened","repository":{"id":1,"full_name":"acme/rocket"},"amounts":[1,2.5,3e3],"none":null,"#
        text += #""issue":{"number":7,"title":"It <breaks> & \"bends\"","user":{"login":"ada"},"labels":["#
        text += (0..<100).map { #"{"id":\#($0),"name":"label \#($0)","color":"d73a4a","default":true}"# }
            .joined(separator: ",")
        return Array((text + "]}}").utf8)
    }()
}
