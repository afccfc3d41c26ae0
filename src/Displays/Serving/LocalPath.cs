namespace HallOps.Displays.Serving;

/// <summary>Where a page may send the browser on: an address of this server, whatever the query says.</summary>
public static class LocalPath
{
    /// <summary>The path with its query where it is one of this server; else <c>/</c>.</summary>
    public static string Of(string? to) =>
        // Browsers read '\' as '/' and drop control characters, so that "/\t/host" is another server's.
        to is ['/', ..] && to is not ['/', '/', ..] && !to.Any(c => char.IsControl(c) || c == '\\') && to.Length <= 2048 ? to : "/";
}
