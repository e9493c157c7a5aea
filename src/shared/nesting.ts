/** Whether valid JSON has more than so many arrays and objects inside one another; without recursion. */
export const isNestedDeeperThan = (max: number, json: string): boolean => {
  let depth = 0
  let quoted = false
  for (let i = 0; i < json.length; i++) {
    const char = json[i]
    if (char === '"') quoted = !quoted
    else if (quoted) i += char === '\\' ? 1 : 0
    else if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth--
    if (depth > max) return true
  }
  return false
}
