/** The mark: a stem and what grows from it. */
export const Logo = () => (
  <span className="logo">
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect className="logo-ground" width="32" height="32" rx="8" />
      <g className="logo-lines" fill="none" strokeWidth="2.75" strokeLinecap="round">
        <path d="M12 26V7" />
        <path d="M12 20c0-4.5 3-7 8-7" />
      </g>
      <circle className="logo-dot" cx="21.5" cy="13" r="3" />
    </svg>
    Offshoot
  </span>
)
