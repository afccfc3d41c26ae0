using HallOps.Core.Halls;

namespace HallOps.Web.Halls;

/// <summary>An entry of the list of halls.</summary>
/// <param name="Waiting">In all its lines.</param>
/// <param name="Estimate">The longest of its lines': what one who comes for anything should reckon with; null where nothing is served.</param>
/// <param name="OpensAt">Null while open, or where no calendar says.</param>
public sealed record HallListed(string Hall, Text Name, IReadOnlyList<Text> Region, bool Open, int Waiting, EstimateView? Estimate, DateTimeOffset? OpensAt);

/// <summary>Both lists left out or empty: the whole hall.</summary>
public sealed record SuspendBody(IReadOnlyList<string>? Lines, IReadOnlyList<string>? Services, string? Reason, DateTimeOffset? Until);

/// <summary>Both lists left out or empty: every suspension.</summary>
public sealed record ResumeBody(IReadOnlyList<string>? Lines, IReadOnlyList<string>? Services);

/// <summary>What is suspended now.</summary>
public sealed record SuspendedNow(bool Hall, IReadOnlyList<string> Lines, IReadOnlyList<string> Services);

/// <param name="Version">The ETag's value.</param>
/// <param name="Warnings">What is allowed but probably not meant.</param>
public sealed record ConfiguredHall(string Hall, long Number, string Version, bool Created, IReadOnlyList<string> Warnings);
