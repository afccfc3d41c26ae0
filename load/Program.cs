Console.Error.WriteLine("usage: load SCENARIO"); return 2;
