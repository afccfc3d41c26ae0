using System.Threading.Tasks.Sources;

namespace HallOps.Silo;

/// <summary>
/// A command and who waits for its answer, exactly once. Used again for another command when the answer has been taken: a busy hall would make thousands a second.
/// </summary>
internal sealed class Ask : IPendingAnswer, IValueTaskSource<HallAnswer>
{
    private const int Kept = 64;

    [ThreadStatic]
    private static Stack<Ask>? _free;

    private ManualResetValueTaskSourceCore<HallAnswer> _source;
    private ResidentHall? _hall;
    private HallAnswer? _answer;
    private HallRequest _request;

    private Ask() { }

    public ref readonly HallRequest Request => ref _request;

    public ValueTask<HallAnswer> Task => new(this, _source.Version);

    public static Ask For(in HallRequest request)
    {
        var ask = _free is { } free && free.TryPop(out var used) ? used : new Ask();
        ask._request = request;
        return ask;
    }

    /// <summary>The hall whose mailbox it is put into.</summary>
    public void Reaches(ResidentHall hall) => _hall = hall;

    /// <summary>Answers on the turn of the hall it reached, which gives it at the turn's end; at once where it reached none.</summary>
    public void Set(HallAnswer answer)
    {
        _answer = answer;
        if (_hall is { } hall) hall.Answered(this);
        else Give(here: false);
    }

    /// <summary>Answers at once.</summary>
    public void Answer(HallAnswer answer, bool here)
    {
        _answer = answer;
        Give(here);
    }

    /// <summary>Gives the answer: whoever waits goes on on this thread where <paramref name="here"/>, else on another.</summary>
    public void Give(bool here)
    {
        _source.RunContinuationsAsynchronously = !here;
        _source.SetResult(_answer!);
    }

    HallAnswer IValueTaskSource<HallAnswer>.GetResult(short token)
    {
        var answer = _source.GetResult(token);
        (_hall, _answer, _request) = (null, null, default);
        _source.Reset();
        var free = _free ??= new Stack<Ask>(Kept);
        if (free.Count < Kept) free.Push(this);
        return answer;
    }

    ValueTaskSourceStatus IValueTaskSource<HallAnswer>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<HallAnswer>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
