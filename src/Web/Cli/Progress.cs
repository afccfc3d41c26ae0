using System.Diagnostics;

namespace HallOps.Web.Cli;

/// <summary>One line on a terminal's standard error that says how far long work is. Nothing where nobody watches, or where the work is short.</summary>
/// <param name="all">How much there is to do; there may turn out to be more.</param>
internal sealed class Progress(int all)
{
    // A second: what is over by then needs no explaining.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly bool _watched = !Console.IsErrorRedirected;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _told;
    private int _before;
    private int _last;

    /// <param name="done">Counted anew from 0 with each part of the work.</param>
    public void Told(int done)
    {
        if (done < _last) _before += _last;
        _last = done;
        if (!_watched || _watch.Elapsed < _told + Patience) return;
        _told = _watch.Elapsed;
        Console.Error.Write(FormattableString.Invariant($"\rsimulated {_before + done:N0} of {Math.Max(all, _before + done):N0} visits "));
    }

    public void Done()
    {
        if (_told > TimeSpan.Zero) Console.Error.Write("\r" + new string(' ', 60) + "\r");
    }
}
