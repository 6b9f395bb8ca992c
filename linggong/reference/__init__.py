"""What the state publishes: divisions, trades, certificates, risk classes, dated regional rules, the calendar."""
