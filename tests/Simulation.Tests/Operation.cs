using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Feeds;

namespace HallOps.Simulation.Tests;

/// <summary>Something a client wants of a hall, under one key, until it knows how that ended or gives up.</summary>
internal sealed class Operation(uint hall, HallCommand command, UInt128 key)
{
    public uint Hall => hall;
    public HallCommand Command => command;
    public UInt128 Key => key;

    /// <summary>Attempts on their way.</summary>
    public int Waiting { get; set; }

    /// <summary>Some attempt ended otherwise than with the word that nothing is recorded.</summary>
    public bool MayBeThere { get; set; }

    /// <summary>The engine said of every attempt that nothing is recorded.</summary>
    public bool SurelyNot => Waiting == 0 && !MayBeThere;

    /// <summary>What was acknowledged: it changed something, and whoever asks again is told the same.</summary>
    public HallAnswer? Acknowledged { get; set; }

    public override string ToString() => $"{command.GetType().Name} under {key:x}";
}

/// <summary>One attempt: hears the engine's answer once, judges it by what is durable at this moment, and hands it to the client unless the line drops it.</summary>
internal sealed class Attempt(SimulatedStore store, Operation operation, bool answerGetsLost) : IPendingAnswer
{
    private bool _answered;

    /// <summary>The process it went to is gone: nothing it says any more is heard.</summary>
    public bool Abandoned { get; set; }

    public Operation Operation => operation;

    public void Set(HallAnswer answer)
    {
        Law.Holds(!_answered, $"{operation} is answered twice");
        _answered = true;
        if (Abandoned) return;
        Judge(answer);
        operation.Waiting--;
        if (answerGetsLost || answer.Status is not (AnswerStatus.NotRecorded or AnswerStatus.JournalUnavailable)) operation.MayBeThere = true;
    }

    private void Judge(HallAnswer answer)
    {
        var ledger = store.LedgerOf(operation.Hall);
        var written = ledger.WrittenUnder(operation.Key);
        Law.Holds(answer.Sequence <= ledger.State.Sequence, $"I2: {operation} is answered {answer.Status} on {answer.Sequence}, durable is {ledger.State.Sequence}");
        switch (answer.Status)
        {
            case AnswerStatus.Done when written is []:
                Law.Holds(operation.Acknowledged is null, $"I2: {operation} was acknowledged, and is not there");
                Law.Holds(!answer.Repeated && answer.Reply is null or NextReply { Finished: null, Called: null } or WindowReply or ConfiguredReply { Created: false }
                    || operation.Command is ChangeClass,
                    $"I2: {operation} is acknowledged with {answer.Reply}, and is not there");
                break;
            case AnswerStatus.Done:
                // Forgotten 24 hours after its day, a key is a new one: what is decided then may change nothing.
                if (ledger.Forgot(operation.Key) && !answer.Repeated && !written.Any(w => w.Sequence == answer.Sequence)) break;
                Law.Holds(written.Any(w => Same(w.Reply, answer.Reply)), $"I4: {operation} is answered {answer.Reply}, its events say {written[^1].Reply}");
                Law.Holds(operation.Acknowledged is null || answer.Repeated || written.Count > 1, $"I4: {operation} was acknowledged and is decided anew");
                operation.Acknowledged = answer;
                break;
            case AnswerStatus.Refused or AnswerStatus.UnknownHall:
                // Decided before another attempt was, or after the key was forgotten.
                Law.Holds(written is [] || answer.Sequence < written[^1].Sequence || ledger.Forgot(operation.Key), $"I4: {operation} changed something at {(written is [] ? 0 : written[^1].Sequence)} and is answered {answer.Refusal?.Code}");
                break;
            case AnswerStatus.NotRecorded or AnswerStatus.JournalUnavailable:
                Law.Holds(written is [] || operation.MayBeThere || operation.Waiting > 1, $"{operation} is said not to be recorded, and is there");
                break;
            case AnswerStatus.KeyReused: throw new LawBrokenException($"{operation} had the same body and is told another");
        }
    }

    public static bool Same(HallReply? a, HallReply? b) => FeedJson.Utf8(a).AsSpan().SequenceEqual(FeedJson.Utf8(b));
}
