// Slack reads <, > and & as markup: https://api.slack.com/reference/surfaces/formatting#escaping
const escape = (text) => text.replace(/[&<>]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[mark])

export default async function (event, { send, log, env }) {
  const { issue, repository } = event.body
  const labels = issue.labels.map((label) => label.name).join(', ')
  send.slack.postMessage({
    channel: env.CHANNEL,
    text: `<${issue.html_url}|${escape(repository.full_name)}#${issue.number}> ${escape(issue.title)}`
      + ` by ${escape(issue.user.login)}${labels ? ` (${escape(labels)})` : ''}`,
  })
  log.info('told Slack', { issue: issue.number })
}
