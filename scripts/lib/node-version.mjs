/** Says in plain words when Node is too old. Kept free of newer syntax, so that an old Node gets as far as reading it. */
const NODE_MINIMUM = [20, 19]

export const requireNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const enough = major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1])
  if (enough) return
  console.error(
    `Fio needs Node ${NODE_MINIMUM.join('.')} or newer; this is Node ${process.versions.node}.\n` +
      'Install a current version from https://nodejs.org (or with nvm, fnm, your package manager) and try again.',
  )
  process.exit(1)
}
