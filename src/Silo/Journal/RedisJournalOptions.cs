namespace HallOps.Silo.Journal;

/// <summary>What may be set when a <see cref="RedisJournal"/> is opened; the defaults are those of production.</summary>
public sealed record RedisJournalOptions
{
    /// <summary>What every key begins with: several journals may share a Redis.</summary>
    public string Prefix { get; init; } = "hallops";

    /// <summary>Whose journal it is: one that names another's is not opened, one that names nobody's is this one's from then on. Empty: not asked.</summary>
    public string Deployment { get; init; } = "";

    /// <summary>One process at a time, whoever started last: an earlier one is not given a hall that a later one has had (<see cref="NotOwnerException"/>). Else whoever claims a hall last has it.</summary>
    public bool Exclusive { get; init; }

    /// <summary>The folder that archives are in, and written to: of each process that reads what is archived.</summary>
    public string Archives { get; init; } = JournalArchives.FolderName;

    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take before its connection is given up. A server that writes its file anew on a slow disk may pause for a second or two.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a flush whose answer was lost is asked after again, before the callers are told that its outcome is unknown.</summary>
    public TimeSpan ResolveWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What the spans above are measured on: real time, also where halls' clocks run faster.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
