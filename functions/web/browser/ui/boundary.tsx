import { Component, type ComponentChildren } from "preact";
import { Notice } from "./notice.tsx";

interface Props {
  readonly children: ComponentChildren;
  /** A page that is sure to work, where there is one. */
  readonly wayBack?: ComponentChildren;
}

/** Keeps a defect in one part of a page from emptying the rest of it. */
export class Boundary extends Component<Props, { readonly hasFailed: boolean }> {
  static override getDerivedStateFromError = () => ({ hasFailed: true });

  override state = { hasFailed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render({ children, wayBack }: Props) {
    if (!this.state.hasFailed) return children;
    return (
      <Notice kind="bad">
        <p>This part of the page has failed.</p>
        <button type="button" class="button" onClick={() => this.setState({ hasFailed: false })}>
          Show it again
        </button>
        {wayBack}
      </Notice>
    );
  }
}
