using System.Diagnostics;

namespace HallOps.Web.Cli;

/// <summary>One line on a terminal's standard error that says how far long work is. Nothing where nobody watches, or where the work is short.</summary>
/// <param name="what">Like "simulated".</param>
/// <param name="all">How many there are; there may turn out to be more. Null: nobody knows yet.</param>
/// <param name="of">What is counted.</param>
internal sealed class Progress(string what, int? all, string of = "visits")
{
    // A second: what is over by then needs no explaining.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly bool _watched = !Console.IsErrorRedirected;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _told;
    private long _before;
    private long _last;

    /// <param name="done">Counted anew from 0 with each part of the work.</param>
    public void Told(int done) => Told((long)done);

    /// <param name="done">Counted anew from 0 with each part of the work.</param>
    public void Told(long done)
    {
        if (done < _last) _before += _last;
        _last = done;
        if (!_watched || _watch.Elapsed < _told + Patience) return;
        _told = _watch.Elapsed;
        var total = all is { } known ? FormattableString.Invariant($" of {Math.Max(known, _before + done):N0}") : "";
        Console.Error.Write(FormattableString.Invariant($"\r{what} {_before + done:N0}{total} {of} "));
    }

    public void Done()
    {
        if (_told > TimeSpan.Zero) Console.Error.Write("\r" + new string(' ', 60) + "\r");
    }
}
