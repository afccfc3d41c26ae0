using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Simulation.Tests;

/// <summary>One attempt at a process of several: judged by what the store has now, and what it had and forgot.</summary>
internal sealed class SharedAttempt(SharedStore store, SharedProcess process, Operation operation, bool answerGetsLost) : IPendingAnswer
{
    private bool _answered, _abandoned;

    public SharedProcess Process => process;
    public Operation Operation => operation;

    /// <summary>The process is gone: nothing it says any more is heard.</summary>
    public void Abandon()
    {
        _abandoned = true;
        if (_answered) return;
        operation.Waiting--;
        operation.MayBeThere = true;
    }

    public void Set(HallAnswer answer)
    {
        Law.Holds(!_answered, $"{operation} is answered twice");
        _answered = true;
        if (_abandoned) return;
        Judge(answer);
        operation.Waiting--;
        if (answerGetsLost || answer.Status is not (AnswerStatus.NotRecorded or AnswerStatus.JournalUnavailable)) operation.MayBeThere = true;
    }

    private void Judge(HallAnswer answer)
    {
        var ledger = store.LedgerOf(operation.Hall);
        var written = ledger.WrittenUnder(operation.Key);
        var gone = store.GoneOf(operation.Hall).Any(r => r.CommandId == operation.Key);
        // Until somebody tells it, a process does not know that the store has forgotten what it shows.
        var knows = process.Halls[(int)operation.Hall - 1].Seen is var seen && (seen.Sequence == 0 || store.IsThere(operation.Hall, seen.Sequence, seen.Chain));
        Law.Holds(!knows || answer.Sequence <= ledger.State.Sequence, $"I2: {operation} is answered {answer.Status} on {answer.Sequence}, durable is {ledger.State.Sequence}");
        switch (answer.Status)
        {
            case AnswerStatus.Done when written is [] && !gone:
                Law.Holds(!answer.Repeated && answer.Reply is null or NextReply { Finished: null, Called: null } or WindowReply or ConfiguredReply { Created: false } || operation.Command is ChangeClass,
                    $"I2: {operation} is acknowledged with {answer.Reply}, and was never there");
                break;
            case AnswerStatus.Done:
                if (ledger.Forgot(operation.Key)) break;
                // Decided by one who has not heard of the other: nothing was written then.
                if (!answer.Repeated && answer.Sequence < (written is [] ? 0 : written[^1].Sequence) && !written.Any(w => Attempt.Same(w.Reply, answer.Reply))) break;
                Law.Holds(gone || written.Any(w => Attempt.Same(w.Reply, answer.Reply)), $"I4: {operation} is answered {answer.Reply}, its events say {(written is [] ? null : written[^1].Reply)}");
                operation.Acknowledged = answer;
                break;
            case AnswerStatus.Refused or AnswerStatus.UnknownHall when knows && !gone:
                Law.Holds(written is [] || answer.Sequence < written[^1].Sequence || ledger.Forgot(operation.Key), $"I4: {operation} changed something at {(written is [] ? 0 : written[^1].Sequence)} and is answered {answer.Refusal?.Code}");
                break;
            case AnswerStatus.NotRecorded or AnswerStatus.JournalUnavailable:
                Law.Holds(written is [] || operation.MayBeThere || operation.Waiting > 1, $"{operation} is said not to be recorded, and is there");
                break;
            case AnswerStatus.KeyReused: throw new LawBrokenException($"{operation} had the same body and is told another");
        }
    }
}
