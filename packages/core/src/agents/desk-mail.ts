import type { AgentAnswer } from "@quire/tools/agents";
import type { AgentScope } from "./agent.ts";
import { refusal, unknownAgent } from "./agent-answer.ts";
import type { AgentFamily, FamilyMember } from "./agent-family.ts";
import { middleCut } from "./agent-report.ts";
import { type AgentMail, type Mailbox, MOST_MAIL_TEXT } from "./mailbox.ts";
import { showActivity } from "./show-activity.ts";

/** Messages that one agent may send in one task. Two that answer each other without end are stopped by it. */
const MOST_SENT = 64;
/** Characters of a message that an item keeps. */
const SHOWN_MAIL = 2000;

export interface DeskMailSetup {
  readonly threadId: string;
  readonly path: string;
  readonly family: AgentFamily;
  readonly newId: () => string;
  /** Of the turn that runs. */
  readonly scope: () => AgentScope | null;
  /** Something came while the turn looks for it. */
  readonly onMail: () => void;
}

/** What one agent tells the others of its tree, and is told by them. */
export class DeskMail {
  readonly #setup: DeskMailSetup;
  readonly #self: FamilyMember;
  #sent = 0;

  constructor(setup: DeskMailSetup) {
    this.#setup = setup;
    this.#self = this.#join();
  }

  get box(): Mailbox {
    return this.#self.box;
  }

  /** A task begins. */
  begin(): void {
    this.#sent = 0;
    this.open();
  }

  /** From now on somebody looks for what comes. */
  open(): void {
    this.box.open(this.#setup.onMail);
  }

  /** What others have told the thread; people are shown it where it is heard. */
  hear(): AgentMail[] {
    const mail = this.box.take();
    for (const { from, text } of mail) {
      const sender = this.#setup.family.find(from, from);
      if (sender !== null) this.#show(sender, this.#self, text);
    }
    return mail;
  }

  send(target: string, message: string): AgentAnswer {
    const { family, path } = this.#setup;
    const to = family.find(target, path);
    if (to === null) {
      return unknownAgent(
        target,
        family.members.filter((member) => member.path !== path),
      );
    }
    if (to.path === path) return refusal("that is yourself.");
    if (message.trim() === "") return refusal("the message is empty.");
    if (this.#sent >= MOST_SENT) {
      return refusal(`you have sent ${MOST_SENT} messages in this task, which is the most.`, "agent_limit");
    }
    const text = middleCut(message, MOST_MAIL_TEXT, "");
    if (!to.box.put({ from: path, text })) {
      return refusal(`${to.path} has many messages that it has not read; go on without it.`, "agent_limit");
    }
    this.#sent += 1;
    family.onMail?.({ from: this.#self, to, text });
    const state = to.state();
    const isBusy = state.status === "running" || state.status === "pendingInit";
    const said = { agent: to.path, status: state.status, read: isBusy ? "soon" : "with its next task" };
    return { ok: true, text: JSON.stringify(said), agents: [{ threadId: to.threadId, state }] };
  }

  #show({ threadId, path, state }: FamilyMember, to: FamilyMember, text: string): void {
    showActivity(this.#setup.scope(), {
      id: this.#setup.newId(),
      kind: "interacted",
      agentThreadId: threadId,
      agentPath: path,
      model: null,
      reasoningEffort: null,
      state: state(),
      told: { to: to.path, message: middleCut(text, SHOWN_MAIL, "") },
    });
  }

  /** The thread as the others know it. An agent's was made known by whoever started it. */
  #join(): FamilyMember {
    const { family, path, threadId, scope } = this.#setup;
    const known = family.members.find((member) => member.path === path);
    if (known !== undefined) return known;
    const status = () => (scope() === null ? "completed" : "running");
    const state = () => ({ status: status(), message: null, path, role: "main" }) as const;
    family.onMail = ({ from, to, text }) => {
      // What it is told itself it shows when it hears it.
      if (from.path !== path && to.path !== path) this.#show(from, to, text);
    };
    return family.join({ threadId, path, state });
  }
}
