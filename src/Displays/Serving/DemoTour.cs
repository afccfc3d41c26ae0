using HallOps.Core.Halls;

namespace HallOps.Displays.Serving;

/// <summary>What the start page shows people around in: the demonstration's halls, and the accounts they may be.</summary>
/// <param name="Halls">At least one.</param>
/// <param name="SignIns">At least one; all have one password.</param>
/// <param name="Now">On the halls' clock.</param>
/// <param name="Speed">Seconds of the halls a real second.</param>
public sealed record DemoTour(IReadOnlyList<DemoStop> Halls, IReadOnlyList<DemoSignIn> SignIns, DateTimeOffset Now, double Speed);

/// <summary>A hall of the demonstration.</summary>
/// <param name="Window">Left to people: nobody simulated sits there.</param>
/// <param name="Zone">The zone of that window; null where the hall has none.</param>
public sealed record DemoStop(HallId Hall, Text Name, HallKind Kind, WindowId Window, ZoneId? Zone);

/// <summary>An account whose password everybody may see, because the demonstration is the only thing it opens.</summary>
public sealed record DemoSignIn(string User, PageRole Role, string Password);
