import { randomUUID } from 'node:crypto'
import type { sendUnaryData } from '@grpc/grpc-js'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'

/** A node as the others talk about it. */
export type Member = {
  readonly host: string
  readonly port: number
  readonly leads: boolean
  readonly alive: boolean
}

const FOLLOWER = 6
const LEADER = 8
type State = Parameters<gossip.MemberInfo['setState']>[0]

const memberInfo = ({ host, port, leads, alive }: Member): gossip.MemberInfo => {
  const endpoint = new gossip.EndPoint()
  endpoint.setAddress(host)
  endpoint.setPort(port)
  const id = new shared.UUID()
  id.setString(randomUUID())
  const member = new gossip.MemberInfo()
  member.setInstanceId(id)
  member.setTimeStamp(String(Date.now()))
  member.setState((leads ? LEADER : FOLLOWER) as State)
  member.setIsAlive(alive)
  member.setHttpEndPoint(endpoint)
  return member
}

/** The one question of gossip: who is there, and who leads. A client asks it of any node it knows. */
export const gossipHandler =
  (members: () => readonly Member[], gate: () => Promise<void>) =>
  (_: unknown, answer: sendUnaryData<gossip.ClusterInfo>): void => {
    void gate().then(() => {
      const info = new gossip.ClusterInfo()
      for (const member of members()) info.addMembers(memberInfo(member))
      answer(null, info)
    })
  }
