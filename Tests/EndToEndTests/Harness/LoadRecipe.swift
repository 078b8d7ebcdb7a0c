/// What a hub under load does: for every issue one call, one output that may be repeated and one that may not.
enum LoadRecipe {
    static let name = "load"
    /// How many effects each of its runs has.
    static let effects = 3
    static let files = (
        manifest: """
        summary: One call and two outputs for every issue
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { store: [put], slack: [postMessage], sms: [sendMessage] }
        """,
        handler: """
        export default async function (event, { call, send, kv }) {
          const { number } = event.body
          await call.store.put({ url: `/items/${number}`, json: { number } })
          await kv.set(`item:${number}`, number)
          send.slack.postMessage({ channel: '#crash', text: `item ${number}` })
          send.sms.sendMessage({ to: '+15558675310', from: '+15017122661', body: `item ${number}` })
        }
        """
    )
}
